import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.tools.VerifiableConsumer;

/**
 * Several of Kafka's own VerifiableConsumers in one JVM, each in a thread of its own.
 *
 * In, one a line: { join: name, topic, config: { the consumer's settings } } or { leave: name }. Out, one a line: { member: name, event: what that
 * VerifiableConsumer prints } and { member: name, error: what it ended with }. Offsets are committed as its settings say (`enable.auto.commit`),
 * or after each poll.
 */
public final class VerifiableConsumers {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, VerifiableConsumer> MEMBERS = new ConcurrentHashMap<>();

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode order = JSON.readTree(line);
      if (order.has("join")) join(order.get("join").asText(), order.get("topic").asText(), order.get("config"));
      else leave(order.get("leave").asText());
    }
    Runtime.getRuntime().halt(0);
  }

  private static void join(String name, String topic, JsonNode config) {
    Properties settings = new Properties();
    config.fields().forEachRemaining(entry -> settings.put(entry.getKey(), entry.getValue().asText()));
    boolean commitsByItself = "true".equals(settings.getProperty("enable.auto.commit"));
    start(name, () -> {
      KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
      VerifiableConsumer member = new VerifiableConsumer(consumer, lines(name), topic, -1, commitsByItself, false, false);
      MEMBERS.put(name, member);
      member.run();
    });
  }

  private static void leave(String name) {
    start(name, () -> MEMBERS.remove(name).close());
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(() -> {
      try {
        work.run();
      } catch (Throwable failure) {
        say(name, "error", JSON.getNodeFactory().textNode(failure.toString()).toString());
      }
    }, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Where a VerifiableConsumer prints its lines. */
  private static PrintStream lines(String name) {
    return new PrintStream(OutputStream.nullOutputStream()) {
      @Override
      public void println(String line) {
        say(name, "event", line);
      }
    };
  }

  private static synchronized void say(String name, String what, String json) {
    System.out.println("{\"member\":\"" + name + "\",\"" + what + "\":" + json + "}");
    System.out.flush();
  }
}
