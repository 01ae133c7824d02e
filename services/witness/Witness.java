import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.Cell;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.Admin;
import org.apache.hadoop.hbase.client.ColumnFamilyDescriptorBuilder;
import org.apache.hadoop.hbase.client.Connection;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.Delete;
import org.apache.hadoop.hbase.client.Put;
import org.apache.hadoop.hbase.client.Result;
import org.apache.hadoop.hbase.client.ResultScanner;
import org.apache.hadoop.hbase.client.Scan;
import org.apache.hadoop.hbase.client.Table;
import org.apache.hadoop.hbase.client.TableDescriptor;
import org.apache.hadoop.hbase.client.TableDescriptorBuilder;

/**
 * Reads and changes tables with HBase's own client, so that no test has to believe ours.
 *
 *   Witness SERVERS [COMMAND...]     SERVERS is host:port of a master or region server
 *
 * Without a command it reads commands from standard input, one a line. Row, family, qualifier and
 * value are hexadecimal, an empty one is a single minus sign.
 *
 *   dump TABLE [--raw]               one JSON line per cell, then "end COUNT"; --raw adds delete markers
 *   put TABLE ROW FAMILY QUALIFIER TIMESTAMP VALUE
 *   deleterow TABLE ROW [TIMESTAMP]
 *   deletecell TABLE ROW FAMILY QUALIFIER TIMESTAMP
 *   deleteversion TABLE ROW FAMILY QUALIFIER TIMESTAMP   only the value of exactly this time
 *   family TABLE FAMILY              adds one to a table
 *   tables | create TABLE FAMILY... | drop TABLE | flush TABLE | compact TABLE
 *
 * Every answer ends with a line "end COUNT", or is the line "error MESSAGE".
 */
public class Witness {
  private static final PrintStream OUT = new PrintStream(
      new FileOutputStream(FileDescriptor.out), false, StandardCharsets.US_ASCII);
  private static final char[] HEX = "0123456789abcdef".toCharArray();
  private static Connection connection;

  public static void main(String[] arguments) throws Exception {
    Configuration settings = HBaseConfiguration.create();
    settings.set("hbase.client.registry.impl",
        "org.apache.hadoop.hbase.client.RpcConnectionRegistry");
    settings.set("hbase.client.bootstrap.servers", arguments[0]);
    settings.setInt("hbase.client.retries.number", 8);
    connection = ConnectionFactory.createConnection(settings);
    if (arguments.length > 1) {
      answer(Arrays.copyOfRange(arguments, 1, arguments.length));
    } else {
      serve();
    }
    OUT.flush();
    connection.close();
    System.exit(0); // not all threads of the client are daemons
  }

  private static void serve() throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    OUT.println("end 0"); // connected
    OUT.flush();
    for (String line; (line = in.readLine()) != null && !line.equals("quit"); ) {
      answer(line.trim().split("\\s+"));
      OUT.flush();
    }
  }

  private static void answer(String[] words) {
    try {
      OUT.println("end " + run(words));
    } catch (Throwable error) {
      String text = error.getClass().getName() + ": " + error.getMessage();
      OUT.println("error " + text.split("\n")[0]);
    }
  }

  private static long run(String[] words) throws IOException {
    switch (words[0]) {
      case "dump":
        return dump(TableName.valueOf(words[1]), Arrays.asList(words).contains("--raw"));
      case "put":
      case "deleterow":
      case "deletecell":
      case "deleteversion":
        return change(words);
      default:
        return administer(words);
    }
  }

  private static long change(String[] words) throws IOException {
    try (Table table = connection.getTable(TableName.valueOf(words[1]))) {
      byte[] row = bytes(words[2]);
      switch (words[0]) {
        case "put":
          table.put(new Put(row).addColumn(
              bytes(words[3]), bytes(words[4]), Long.parseLong(words[5]), bytes(words[6])));
          break;
        case "deleterow":
          table.delete(words.length > 3
              ? new Delete(row, Long.parseLong(words[3])) : new Delete(row));
          break;
        case "deleteversion":
          table.delete(new Delete(row).addColumn(
              bytes(words[3]), bytes(words[4]), Long.parseLong(words[5])));
          break;
        default:
          table.delete(new Delete(row).addColumns(
              bytes(words[3]), bytes(words[4]), Long.parseLong(words[5])));
      }
      return 1;
    }
  }

  private static long administer(String[] words) throws IOException {
    try (Admin admin = connection.getAdmin()) {
      if (words[0].equals("tables")) {
        return tables(admin);
      }
      TableName table = TableName.valueOf(words[1]);
      switch (words[0]) {
        case "create":
          TableDescriptorBuilder builder = TableDescriptorBuilder.newBuilder(table);
          for (int i = 2; i < words.length; i++) {
            builder.setColumnFamily(ColumnFamilyDescriptorBuilder.of(bytes(words[i])));
          }
          admin.createTable(builder.build());
          break;
        case "drop":
          admin.disableTable(table);
          admin.deleteTable(table);
          break;
        case "family":
          admin.addColumnFamily(table, ColumnFamilyDescriptorBuilder.of(bytes(words[2])));
          break;
        case "flush":
          admin.flush(table);
          break;
        case "compact":
          admin.majorCompact(table); // only asks for it
          break;
        default:
          throw new IllegalArgumentException("unknown command " + words[0]);
      }
      return 1;
    }
  }

  private static long tables(Admin admin) throws IOException {
    long count = 0;
    for (TableDescriptor table : admin.listTableDescriptors()) {
      OUT.println("{\"table\":\"" + table.getTableName().getNameAsString() + "\"}");
      count++;
    }
    return count;
  }

  /** In HBase's own order: row, family, qualifier, newest first; all versions. */
  private static long dump(TableName name, boolean raw) throws IOException {
    Scan scan = new Scan().setCaching(2000).setCacheBlocks(false).readAllVersions().setRaw(raw);
    long cells = 0;
    var line = new StringBuilder();
    try (Table table = connection.getTable(name); ResultScanner rows = table.getScanner(scan)) {
      for (Result row : rows) {
        for (Cell cell : row.rawCells()) {
          cells++;
          line.setLength(0);
          describe(line, cell);
          OUT.println(line);
        }
      }
    }
    return cells;
  }

  private static void describe(StringBuilder line, Cell cell) {
    line.append("{\"row\":\"");
    hex(line, cell.getRowArray(), cell.getRowOffset(), cell.getRowLength());
    line.append("\",\"family\":\"");
    hex(line, cell.getFamilyArray(), cell.getFamilyOffset(), cell.getFamilyLength());
    line.append("\",\"qualifier\":\"");
    hex(line, cell.getQualifierArray(), cell.getQualifierOffset(), cell.getQualifierLength());
    line.append("\",\"timestamp\":").append(cell.getTimestamp());
    line.append(",\"type\":\"").append(cell.getType());
    line.append("\",\"value\":\"");
    hex(line, cell.getValueArray(), cell.getValueOffset(), cell.getValueLength());
    line.append("\"}");
  }

  private static void hex(StringBuilder line, byte[] bytes, int from, int length) {
    for (int i = from; i < from + length; i++) {
      line.append(HEX[(bytes[i] >> 4) & 15]).append(HEX[bytes[i] & 15]);
    }
  }

  private static byte[] bytes(String hex) {
    if (hex.equals("-")) {
      return new byte[0];
    }
    if (hex.length() % 2 != 0) {
      throw new IllegalArgumentException("not hexadecimal: " + hex);
    }
    byte[] bytes = new byte[hex.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
    }
    return bytes;
  }
}
