import { expect, test } from 'vitest'
import { closing, opened } from '../../demo/closing.ts'

test('closes the last thing first, and everything although one fails', async () => {
  const order: string[] = []
  const open = closing()
  open.add(() => Promise.resolve(order.push('first')))
  open.add(() => Promise.reject(new Error('broken')))
  open.add(() => Promise.resolve(order.push('last')))
  await open.close()
  await open.close()
  expect(order).toEqual(['last', 'first'])
})

test('closes at once what is opened after the end', async () => {
  const open = closing()
  await open.close()
  const closed = await new Promise<string>((resolve) => {
    void opened(open, Promise.resolve('late'), (one) => {
      resolve(one)
      return Promise.resolve()
    })
  })
  expect(closed).toBe('late')
})

test('has nothing to close for what could not be opened', async () => {
  const open = closing()
  const opening = opened(open, Promise.reject(new Error('no')), () => Promise.reject(new Error()))
  await expect(opening).rejects.toThrow('no')
  await open.close()
})
