import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Five producers, each with a codec of its own, whose transactions are interleaved over all partitions, and one that writes outside of any.
 * Transactions are committed, aborted, cut short by the producer's successor, and those of two producers are open at the end. Arguments are
 * name=value. Prints a line `partition offset state value` for each record; the state is committed, aborted, open or plain.
 */
public final class WriteTransactions {
  private static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};
  private static final int LEFT_OPEN = 2;

  private final Map<String, String> given = new HashMap<>();
  private final String topic;
  private final int partitions;
  private final Random random;
  private final List<Writer> writers = new ArrayList<>();
  private final StringBuilder out = new StringBuilder();
  private int written;

  private WriteTransactions(String[] args) {
    for (String arg : args) given.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    topic = given.get("topic");
    partitions = Integer.parseInt(given.get("partitions"));
    random = new Random(Long.parseLong(given.get("seed")));
    for (int i = 0; i < CODECS.length; i++) writers.add(new Writer(i, "transaction-" + topic + "-" + i));
    writers.add(new Writer(0, ""));
  }

  /** One producer and the records of its present transaction. */
  private final class Writer {
    final int number;
    final String id;
    KafkaProducer<byte[], byte[]> producer;
    boolean inTransaction;
    final List<String> records = new ArrayList<>();

    Writer(int number, String id) {
      this.number = number;
      this.id = id;
      producer = create();
    }

    KafkaProducer<byte[], byte[]> create() {
      Properties config = new Properties();
      config.put("bootstrap.servers", given.get("bootstrap.servers"));
      config.put("compression.type", CODECS[number]);
      config.put("linger.ms", 0);
      if (!id.isEmpty()) config.put("transactional.id", id);
      KafkaProducer<byte[], byte[]> created = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
      if (!id.isEmpty()) created.initTransactions();
      return created;
    }

    /** A few records to one or several partitions, all there when it returns: others write behind them. */
    void write() throws Exception {
      if (!id.isEmpty() && !inTransaction) {
        producer.beginTransaction();
        inTransaction = true;
      }
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      List<String> values = new ArrayList<>();
      int home = random.nextInt(partitions);
      for (int i = random.nextInt(6); i >= 0; i--) {
        int partition = random.nextInt(3) == 0 ? random.nextInt(partitions) : home;
        String value = written++ + "-by-" + (id.isEmpty() ? "plain" : number) + "-" + "x".repeat(random.nextInt(120));
        sent.add(producer.send(new ProducerRecord<>(topic, partition, null, value.getBytes(StandardCharsets.UTF_8))));
        values.add(value);
      }
      producer.flush();
      for (int i = 0; i < values.size(); i++) {
        RecordMetadata at = sent.get(i).get();
        records.add(at.partition() + " " + at.offset() + " % " + values.get(i));
      }
      if (id.isEmpty()) settle("plain");
    }

    void end(int how) {
      if (how < 5) {
        producer.commitTransaction();
        settle("committed");
      } else if (how < 9) {
        producer.abortTransaction();
        settle("aborted");
      } else {
        // The successor aborts what is open, and its markers carry a later epoch. The predecessor says no more.
        KafkaProducer<byte[], byte[]> predecessor = producer;
        producer = create();
        predecessor.close(java.time.Duration.ZERO);
        settle("aborted");
      }
      inTransaction = false;
    }

    void settle(String state) {
      for (String record : records) out.append(record.replaceFirst("%", state)).append('\n');
      records.clear();
    }
  }

  private void run() throws Exception {
    int steps = Integer.parseInt(given.get("steps"));
    for (int step = 0; step < steps; step++) {
      Writer writer = writers.get(random.nextInt(writers.size()));
      if (writer.inTransaction && random.nextInt(3) == 0) writer.end(random.nextInt(10));
      else writer.write();
    }
    List<Writer> open = new ArrayList<>(writers.subList(0, LEFT_OPEN));
    for (Writer writer : open) if (!writer.inTransaction) writer.write();
    // What is written behind an open transaction is hidden by it, if it is committed and all.
    for (Writer writer : writers) {
      if (open.contains(writer)) continue;
      writer.write();
      if (writer.inTransaction) writer.end(random.nextInt(9));
    }
    for (Writer writer : open) writer.settle("open");
    System.out.print(out);
    System.out.flush();
    // Closing a producer would abort its transaction.
    Runtime.getRuntime().halt(0);
  }

  public static void main(String[] args) throws Exception {
    new WriteTransactions(args).run();
  }
}
