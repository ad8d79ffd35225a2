import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes records whose content can be computed from their number: see producer.ts. Arguments are name=value. Prints `partition first last` lines. */
public final class ProduceRecords {
  private static final List<Header> HEADERS = List.of(
      new RecordHeader("h", bytes("1")), new RecordHeader("h", bytes("2")), new RecordHeader("none", (byte[]) null), new RecordHeader("", new byte[0]));

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] key(long i) {
    return i % 7 == 0 ? null : bytes("k" + i % 97);
  }

  private static byte[] value(long i, int partition, long n, int size) {
    if (i % 13 == 12) return null;
    byte[] head = bytes(partition + ":" + n + ":");
    byte[] value = new byte[Math.max(head.length, size)];
    System.arraycopy(head, 0, value, 0, head.length);
    for (int at = head.length; at < value.length; at++) value[at] = (byte) ('a' + (i + at) % 26);
    return value;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> given = new HashMap<>();
    for (String arg : args) given.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    String topic = given.get("topic");
    int partitions = Integer.parseInt(given.get("partitions"));
    long from = Long.parseLong(given.get("from"));
    long count = Long.parseLong(given.get("count"));
    int size = Integer.parseInt(given.get("valueSize"));
    long timestamp = Long.parseLong(given.get("timestamp"));
    String transaction = given.getOrDefault("transaction", "");
    Properties config = new Properties();
    given.forEach((name, value) -> { if (name.contains(".")) config.put(name, value); });
    if (!transaction.isEmpty()) config.put("transactional.id", "produce-" + topic);
    long[] first = new long[partitions];
    long[] last = new long[partitions];
    java.util.Arrays.fill(first, -1);
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      if (!transaction.isEmpty()) { producer.initTransactions(); producer.beginTransaction(); }
      for (long i = from; i < from + count && failure.get() == null; i++) {
        int partition = (int) (i % partitions);
        long n = i / partitions;
        List<Header> headers = i % 5 == 0 ? HEADERS : List.of();
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(topic, partition, timestamp + i, key(i), value(i, partition, n, size), headers);
        producer.send(record, (metadata, error) -> {
          if (error != null) { failure.compareAndSet(null, error); return; }
          if (first[partition] < 0) first[partition] = metadata.offset();
          last[partition] = metadata.offset();
        });
      }
      producer.flush();
      if (failure.get() != null) throw failure.get();
      if (transaction.equals("commit")) producer.commitTransaction();
      if (transaction.equals("abort")) producer.abortTransaction();
    }
    for (int partition = 0; partition < partitions; partition++)
      System.out.println(partition + " " + first[partition] + " " + (first[partition] < 0 ? -1 : last[partition]));
  }
}
