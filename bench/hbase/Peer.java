import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.Cell;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.BufferedMutator;
import org.apache.hadoop.hbase.client.Connection;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.Put;
import org.apache.hadoop.hbase.client.Result;
import org.apache.hadoop.hbase.client.ResultScanner;
import org.apache.hadoop.hbase.client.Scan;
import org.apache.hadoop.hbase.client.Table;

/**
 * HBase's own client under measurement: BufferedMutator with its own settings, and ResultScanner.
 *
 *   Peer SERVERS     SERVERS is host:port of a master or region server
 *
 * Commands and rows are those of program.ts and rows.ts.
 */
public class Peer {
  private static final int COLUMNS = 10;
  private static final int KEY_BYTES = 13;
  private static final long TIME = 1_700_000_000_000L;
  private static final byte[] FAMILY = "d".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[][] QUALIFIERS = qualifiers();
  private static final byte[][] VALUES = values();
  private static Connection connection;

  public static void main(String[] arguments) throws Exception {
    Configuration settings = HBaseConfiguration.create();
    settings.set("hbase.client.registry.impl",
        "org.apache.hadoop.hbase.client.RpcConnectionRegistry");
    settings.set("hbase.client.bootstrap.servers", arguments[0]);
    connection = ConnectionFactory.createConnection(settings);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line; (line = in.readLine()) != null && !line.equals("quit"); ) {
      String[] words = line.split(" ");
      var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long cpu = system.getProcessCpuTime();
      long began = System.nanoTime();
      String more = run(words[0], TableName.valueOf(words[1]), words);
      double seconds = (System.nanoTime() - began) / 1e9;
      double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
      System.out.println(String.format(Locale.ROOT,
          "{\"seconds\":%.6f,\"cpuSeconds\":%.6f%s}", seconds, cpuSeconds, more));
    }
    System.exit(0); // not all threads of the client are daemons
  }

  private static String run(String command, TableName table, String[] words) throws Exception {
    switch (command) {
      case "write":
        write(table, Integer.parseInt(words[2]));
        return "";
      case "scan":
        return scan(table);
      default:
        return singles(table, Integer.parseInt(words[2]));
    }
  }

  private static void write(TableName table, int rows) throws Exception {
    try (BufferedMutator mutator = connection.getBufferedMutator(table)) {
      for (int row = 0; row < rows; row++) {
        mutator.mutate(put(row));
      }
    }
  }

  private static String scan(TableName name) throws Exception {
    long rows = 0;
    int sum = 0;
    try (Table table = connection.getTable(name);
        ResultScanner results = table.getScanner(new Scan().setCacheBlocks(false))) {
      for (Result result : results) {
        rows++;
        for (Cell cell : result.rawCells()) {
          int last = cell.getRowArray()[cell.getRowOffset() + cell.getRowLength() - 1];
          sum += last * cell.getValueArray()[cell.getValueOffset()];
        }
      }
    }
    return ",\"rows\":" + rows + ",\"sum\":" + Integer.toUnsignedString(sum);
  }

  private static String singles(TableName name, int count) throws Exception {
    long[] times = new long[count];
    try (Table table = connection.getTable(name)) {
      for (int i = 0; i < count; i++) {
        long began = System.nanoTime();
        table.put(put(i));
        times[i] = System.nanoTime() - began;
      }
    }
    Arrays.sort(times);
    return String.format(Locale.ROOT, ",\"p50Ms\":%.4f,\"p99Ms\":%.4f",
        times[count / 2] / 1e6, times[(int) (count * 0.99)] / 1e6);
  }

  private static Put put(int row) {
    Put put = new Put(key(row));
    for (int column = 0; column < COLUMNS; column++) {
      byte[] value = VALUES[(int) (((long) row * COLUMNS + column) % VALUES.length)];
      put.addColumn(FAMILY, QUALIFIERS[column], TIME, value);
    }
    return put;
  }

  private static byte[] key(int row) {
    byte[] key = new byte[KEY_BYTES];
    key[0] = HEX[row % 16];
    int rest = row;
    for (int i = KEY_BYTES - 1; i > 0; i--) {
      key[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return key;
  }

  private static byte[][] qualifiers() {
    byte[][] qualifiers = new byte[COLUMNS][];
    for (int i = 0; i < COLUMNS; i++) {
      qualifiers[i] = ("c" + i).getBytes(StandardCharsets.US_ASCII);
    }
    return qualifiers;
  }

  private static byte[][] values() {
    byte[][] values = new byte[4096][16];
    int state = 1;
    for (byte[] value : values) {
      for (int i = 0; i < value.length; i++) {
        state = state * 1_103_515_245 + 12_345;
        value[i] = (byte) (97 + (state >>> 16) % 26);
      }
    }
    return values;
  }
}
