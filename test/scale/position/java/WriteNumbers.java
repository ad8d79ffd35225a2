import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes numbers to the partitions of a topic, one after the other, until its input ends: idempotent, to all replicas, whatever becomes of the brokers.
 * With `transactional.id` in transactions of `size` records, of which each fourth is aborted. Arguments are name=value. Prints a line
 * `state partition offset number ms` for each record as soon as it is settled: written, committed, aborted or unknown. `ms`: when, since the epoch.
 */
public final class WriteNumbers {
  private static final Object LOCK = new Object();

  private final Map<String, String> given = new HashMap<>();
  private final String topic;
  private final int partitions;
  private final long pause;
  private final int size;
  private long next;

  private WriteNumbers(String[] args) {
    for (String arg : args) given.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    topic = given.get("topic");
    partitions = Integer.parseInt(given.get("partitions"));
    pause = Long.parseLong(given.get("pause"));
    size = Integer.parseInt(given.get("size"));
  }

  private KafkaProducer<byte[], byte[]> create(String id) {
    Properties config = new Properties();
    config.put("bootstrap.servers", given.get("bootstrap.servers"));
    config.put("linger.ms", 0);
    config.put("request.timeout.ms", 2000);
    config.put("delivery.timeout.ms", 120000);
    config.put("max.block.ms", 60000);
    config.put("retry.backoff.ms", 50);
    config.put("reconnect.backoff.max.ms", 200);
    if (!id.isEmpty()) config.put("transactional.id", id);
    KafkaProducer<byte[], byte[]> created = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    if (!id.isEmpty()) created.initTransactions();
    return created;
  }

  private ProducerRecord<byte[], byte[]> record(long number) {
    return new ProducerRecord<>(topic, (int) (number % partitions), null, Long.toString(number).getBytes(StandardCharsets.UTF_8));
  }

  private static void say(String state, int partition, long offset, long number) {
    synchronized (LOCK) {
      System.out.println(state + " " + partition + " " + offset + " " + number + " " + System.currentTimeMillis());
    }
  }

  private static boolean isOver() throws Exception {
    return System.in.available() == 0 ? false : System.in.read() >= 0;
  }

  private void plainly() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = create("")) {
      while (!isOver()) {
        for (int i = 0; i < size; i++) {
          long number = next++;
          producer.send(record(number), (metadata, error) -> {
            if (error == null) say("written", metadata.partition(), metadata.offset(), number);
            else say("unknown", (int) (number % partitions), -1, number);
          });
        }
        Thread.sleep(pause);
      }
    }
  }

  private void inTransactions(String id) throws Exception {
    KafkaProducer<byte[], byte[]> producer = create(id);
    for (int count = 1; !isOver(); count++) {
      List<RecordMetadata> places = new ArrayList<>();
      long first = next;
      String state = "unknown";
      try {
        state = transaction(producer, places, count % 4 == 0);
      } catch (KafkaException | java.util.concurrent.ExecutionException error) {
        System.err.println(error);
        producer.close(java.time.Duration.ZERO);
        producer = create(id);
      }
      for (int i = 0; i < size; i++) {
        if (i < places.size()) say(state, places.get(i).partition(), places.get(i).offset(), first + i);
        else say("unknown", (int) ((first + i) % partitions), -1, first + i);
      }
      next = first + size;
      Thread.sleep(pause);
    }
    producer.close();
  }

  private String transaction(KafkaProducer<byte[], byte[]> producer, List<RecordMetadata> places, boolean aborts) throws Exception {
    producer.beginTransaction();
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int i = 0; i < size; i++) sent.add(producer.send(record(next + i)));
    producer.flush();
    for (Future<RecordMetadata> one : sent) places.add(one.get());
    for (;;) {
      try {
        if (aborts) producer.abortTransaction();
        else producer.commitTransaction();
        return aborts ? "aborted" : "committed";
      } catch (TimeoutException again) {
        System.err.println(again);
      }
    }
  }

  public static void main(String[] args) throws Exception {
    WriteNumbers writer = new WriteNumbers(args);
    String id = writer.given.getOrDefault("transactional.id", "");
    if (id.isEmpty()) writer.plainly();
    else writer.inTransactions(id);
    System.out.println("end");
  }
}
