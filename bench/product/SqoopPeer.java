import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.sqoop.Sqoop;

/**
 * Sqoop in Hadoop's local mode, one job after the other in one JVM: each line of standard input is the words of
 * one job, separated by tabs; its answer is a line of JSON.
 */
public class SqoopPeer {
  public static void main(String[] arguments) throws Exception {
    PrintStream out = System.out;
    System.setOut(System.err); // Sqoop prints there as well
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null && !line.equals("quit"); ) {
      var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long cpu = system.getProcessCpuTime();
      long began = System.nanoTime();
      int code = Sqoop.runTool(line.split("\t"), new Configuration());
      double seconds = (System.nanoTime() - began) / 1e9;
      double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
      out.println(String.format(Locale.ROOT,
          "{\"code\":%d,\"seconds\":%.6f,\"cpuSeconds\":%.6f}", code, seconds, cpuSeconds));
    }
    System.exit(0);
  }
}
