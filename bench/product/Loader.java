import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.Cell;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.BufferedMutator;
import org.apache.hadoop.hbase.client.BufferedMutatorParams;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.Put;
import org.apache.hadoop.hbase.client.Result;
import org.apache.hadoop.hbase.client.ResultScanner;
import org.apache.hadoop.hbase.client.Scan;
import org.apache.hadoop.hbase.client.Table;

/**
 * What one would write by hand: two threads stream ranges of the key by JDBC and write them with one
 * BufferedMutator. Beside it, a reader that tells in one number what a table holds.
 *
 *   Loader JDBC-URL USER PASSWORD HBASE     commands on standard input, a JSON line for each on standard output:
 *   load SOURCE TARGET FAMILY SALT KEY MIDDLE   one thread up to this key, one behind it; SALT 0 for none
 *   digest TABLE
 */
public class Loader {
  private static final int THREADS = 2;
  private static final long BUFFER = 8 << 20;
  private static final long TIME = 1_700_000_000_000L;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static String[] login;
  private static org.apache.hadoop.hbase.client.Connection hbase;

  public static void main(String[] arguments) throws Exception {
    login = arguments;
    Configuration settings = HBaseConfiguration.create();
    settings.set("hbase.client.registry.impl",
        "org.apache.hadoop.hbase.client.RpcConnectionRegistry");
    settings.set("hbase.client.bootstrap.servers", arguments[3]);
    hbase = ConnectionFactory.createConnection(settings);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line; (line = in.readLine()) != null && !line.equals("quit"); ) {
      String[] words = line.split(" ");
      var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long cpu = system.getProcessCpuTime();
      long began = System.nanoTime();
      String more = words[0].equals("load") ? load(words) : digest(words[1]);
      double seconds = (System.nanoTime() - began) / 1e9;
      double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
      System.out.println(String.format(Locale.ROOT,
          "{\"seconds\":%.6f,\"cpuSeconds\":%.6f%s}", seconds, cpuSeconds, more));
    }
    System.exit(0); // not all threads of the client are daemons
  }

  private static String load(String[] words) throws Exception {
    BufferedMutatorParams how = new BufferedMutatorParams(TableName.valueOf(words[2]))
        .writeBufferSize(BUFFER);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<Long>> parts = new ArrayList<>();
    long rows = 0;
    try (BufferedMutator mutator = hbase.getBufferedMutator(how)) {
      for (String side : new String[] {"<=", ">"}) {
        parts.add(threads.submit(() -> part(words, mutator, side)));
      }
      for (Future<Long> part : parts) {
        rows += part.get();
      }
    }
    threads.shutdown();
    return ",\"rows\":" + rows;
  }

  private static long part(String[] words, BufferedMutator mutator, String side) throws Exception {
    byte[] family = words[3].getBytes(StandardCharsets.UTF_8);
    int salt = Integer.parseInt(words[4]);
    long rows = 0;
    try (Connection source = DriverManager.getConnection(login[0], login[1], login[2]);
        Statement statement = source.createStatement(
            ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
      statement.setFetchSize(Integer.MIN_VALUE); // Connector/J streams row by row
      try (ResultSet results = statement.executeQuery("SELECT * FROM " + words[1] + " WHERE "
          + words[5] + " " + side + " '" + words[6] + "' ORDER BY " + words[5])) {
        int columns = results.getMetaData().getColumnCount();
        byte[][] names = new byte[columns][];
        for (int i = 0; i < columns; i++) {
          names[i] = results.getMetaData().getColumnName(i + 1).getBytes(StandardCharsets.UTF_8);
        }
        while (results.next()) {
          Put put = new Put(key(results.getBytes(words[5]), salt));
          for (int i = 0; i < columns; i++) {
            byte[] value = results.getBytes(i + 1);
            if (value != null) {
              put.addColumn(family, names[i], TIME, value);
            }
          }
          mutator.mutate(put);
          rows++;
        }
      }
    }
    return rows;
  }

  /** The key longhaul makes with `rowKey: {salt: N}` (transform/row-key.ts, transform/hash.ts). */
  private static byte[] key(byte[] text, int salt) {
    if (salt == 0) {
      return text;
    }
    int hash = 0x811c9dc5;
    for (byte one : text) {
      hash = (hash ^ (one & 0xff)) * 0x01000193;
    }
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    int bucket = (int) (((hash ^ (hash >>> 16)) & 0xffffffffL) % salt);
    byte[] key = new byte[text.length + 3];
    key[0] = HEX[bucket >> 4];
    key[1] = HEX[bucket & 15];
    key[2] = '_';
    System.arraycopy(text, 0, key, 3, text.length);
    return key;
  }

  /** Rows, cells and the sum of a hash of every cell: the same for two tables that hold the same. */
  private static String digest(String name) throws Exception {
    long rows = 0;
    long cells = 0;
    long sum = 0;
    try (Table table = hbase.getTable(TableName.valueOf(name));
        ResultScanner results = table.getScanner(new Scan().setCacheBlocks(false))) {
      for (Result result : results) {
        rows++;
        for (Cell cell : result.rawCells()) {
          cells++;
          long hash = 0xcbf29ce484222325L;
          hash = add(hash, cell.getRowArray(), cell.getRowOffset(), cell.getRowLength());
          hash = add(hash, cell.getQualifierArray(), cell.getQualifierOffset(),
              cell.getQualifierLength());
          hash = add(hash, cell.getValueArray(), cell.getValueOffset(), cell.getValueLength());
          sum += hash ^ (hash >>> 32);
        }
      }
    }
    return ",\"rows\":" + rows + ",\"cells\":" + cells + ",\"digest\":\""
        + Long.toUnsignedString(sum, 16) + "\"";
  }

  /** FNV-1a, with the length, so that bytes cannot move from one part to the next. */
  private static long add(long hash, byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      hash = (hash ^ (bytes[i] & 0xff)) * 0x100000001b3L;
    }
    return (hash ^ length) * 0x100000001b3L;
  }
}
