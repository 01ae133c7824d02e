import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.sql.Timestamp;
import java.text.SimpleDateFormat;
import java.util.TimeZone;
import org.apache.hadoop.hbase.util.Bytes;
import org.apache.phoenix.schema.types.PDataType;

/**
 * Reads and writes values with HBase's own Bytes and with Phoenix's own types, so that no test has to
 * believe ours. A line of standard input is a question, a line of standard output its answer; values and
 * texts are hexadecimal, an empty one is a single minus sign.
 *
 *   decode bytes|phoenix TYPE VALUE      the text of what a Java program gets
 *   encode bytes|phoenix TYPE TEXT       the value a Java program would have written
 *
 * An answer is "ok HEX", "null", or "error MESSAGE".
 */
public class Reader {
  public static void main(String[] arguments) throws Exception {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line; (line = in.readLine()) != null; ) {
      System.out.println(answer(line.split(" ")));
    }
  }

  private static String answer(String[] words) {
    try {
      byte[] given = words[3].equals("-") ? new byte[0] : Bytes.fromHex(words[3]);
      boolean decode = words[0].equals("decode");
      byte[] found = words[1].equals("bytes")
          ? (decode ? utf8(readBytes(words[2], given)) : writeBytes(words[2], text(given)))
          : phoenix(PDataType.fromSqlTypeName(words[2]), given, decode);
      return found == null ? "null" : "ok " + (found.length == 0 ? "-" : Bytes.toHex(found));
    } catch (Throwable error) {
      return "error " + error.toString().split("\n")[0];
    }
  }

  private static String readBytes(String type, byte[] value) {
    switch (type) {
      case "boolean": return Bytes.toBoolean(value) ? "1" : "0";
      case "short": return String.valueOf(Bytes.toShort(value));
      case "int": return String.valueOf(Bytes.toInt(value));
      case "long": return String.valueOf(Bytes.toLong(value));
      case "float": return String.valueOf(Bytes.toFloat(value));
      case "double": return String.valueOf(Bytes.toDouble(value));
      case "BigDecimal": return Bytes.toBigDecimal(value).toPlainString();
      case "String": return Bytes.toString(value);
      default: throw new IllegalArgumentException("no type of Bytes: " + type);
    }
  }

  private static byte[] writeBytes(String type, String text) {
    switch (type) {
      case "boolean": return Bytes.toBytes(text.equals("1"));
      case "short": return Bytes.toBytes(Short.parseShort(text));
      case "int": return Bytes.toBytes(Integer.parseInt(text));
      case "long": return Bytes.toBytes(Long.parseLong(text));
      case "float": return Bytes.toBytes(Float.parseFloat(text));
      case "double": return Bytes.toBytes(Double.parseDouble(text));
      case "BigDecimal": return Bytes.toBytes(new BigDecimal(text));
      case "String": return Bytes.toBytes(text);
      default: throw new IllegalArgumentException("no type of Bytes: " + type);
    }
  }

  private static byte[] phoenix(PDataType<?> type, byte[] given, boolean decode) {
    if (!decode) {
      String text = text(given);
      boolean truth = type.getSqlTypeName().equals("BOOLEAN");
      Object value = truth ? (Object) text.equals("1") : type.toObject(text);
      return value == null ? null : type.toBytes(value);
    }
    Object value = type.toObject(given);
    return value == null ? null : value instanceof byte[] ? (byte[]) value : utf8(textOf(value));
  }

  /** Dates by the calendar of java.sql, which is Phoenix's. */
  private static String textOf(Object value) {
    if (value instanceof Timestamp) {
      String seconds = new SimpleDateFormat("yyyy-MM-dd HH:mm:ss").format(value);
      return seconds + String.format(".%09d", ((Timestamp) value).getNanos());
    }
    if (value instanceof Date) {
      return new SimpleDateFormat("yyyy-MM-dd HH:mm:ss.SSS").format(value);
    }
    if (value instanceof Boolean) {
      return (Boolean) value ? "1" : "0";
    }
    return value instanceof BigDecimal ? ((BigDecimal) value).toPlainString() : value.toString();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
