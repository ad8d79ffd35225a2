import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;

/**
 * What Java's assignors make of groups: one a line on standard input, one line for each on standard output, both JSON.
 *
 * In: { assignor: its name, counts: { topic: partitions }, members: { id: { metadata: hex, instanceId: string or null } } }.
 * Out: the assignments of as many rounds as it takes until nothing changes any more, each { id: [[topic, partition], ...] }: from the second
 * round on a member owns what the round before gave it. An eager assignor has one round.
 */
public final class Assign {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ENOUGH = 6;

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) out.println(JSON.writeValueAsString(answer(JSON.readTree(line))));
    out.flush();
  }

  private static Object answer(JsonNode group) {
    try {
      return rounds(group);
    } catch (RuntimeException e) {
      StackTraceElement at = e.getStackTrace()[0];
      return Map.of("error", e + " at " + at);
    }
  }

  private static List<Map<String, List<List<Object>>>> rounds(JsonNode group) {
    Map<String, Integer> counts = new HashMap<>();
    group.get("counts").fields().forEachRemaining(entry -> counts.put(entry.getKey(), entry.getValue().asInt()));
    Map<String, Subscription> members = new HashMap<>();
    group.get("members").fields().forEachRemaining(entry -> members.put(entry.getKey(), subscription(entry.getValue())));
    counts.keySet().removeIf(topic -> members.values().stream().noneMatch(member -> member.topics().contains(topic))); // as its leader does
    List<Map<String, List<List<Object>>>> rounds = new ArrayList<>();
    Map<String, List<TopicPartition>> before = null;
    Map<String, Subscription> now = members;
    for (int round = 0; round < ENOUGH; round++) {
      AbstractPartitionAssignor assignor = assignor(group.get("assignor").asText());
      Map<String, List<TopicPartition>> assigned = assignor.assign(new HashMap<>(counts), now);
      Map<String, List<TopicPartition>> sorted = new LinkedHashMap<>();
      new TreeMap<>(assigned).forEach((id, list) -> sorted.put(id, sorted(list)));
      if (sorted.equals(before)) break;
      rounds.add(shown(sorted));
      if (!assignor.supportedProtocols().contains(org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.RebalanceProtocol.COOPERATIVE)) break;
      before = sorted;
      now = next(now, assigned, 1_000_000 + round);
    }
    return rounds;
  }

  private static AbstractPartitionAssignor assignor(String name) {
    switch (name) {
      case "range": return new RangeAssignor();
      case "roundrobin": return new RoundRobinAssignor();
      case "cooperative-sticky": return new CooperativeStickyAssignor();
      default: throw new IllegalArgumentException(name);
    }
  }

  private static Subscription subscription(JsonNode member) {
    Subscription subscription = ConsumerProtocol.deserializeSubscription(ByteBuffer.wrap(HexFormat.of().parseHex(member.get("metadata").asText())));
    if (!member.get("instanceId").isNull()) subscription.setGroupInstanceId(Optional.of(member.get("instanceId").asText()));
    return subscription;
  }

  private static Map<String, Subscription> next(Map<String, Subscription> now, Map<String, List<TopicPartition>> assigned, int generation) {
    Map<String, Subscription> next = new HashMap<>();
    now.forEach((id, subscription) ->
        next.put(id, new Subscription(subscription.topics(), null, new ArrayList<>(assigned.get(id)), generation, Optional.empty())));
    return next;
  }

  private static List<TopicPartition> sorted(List<TopicPartition> partitions) {
    List<TopicPartition> sorted = new ArrayList<>(partitions);
    sorted.sort(java.util.Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
    return sorted;
  }

  private static Map<String, List<List<Object>>> shown(Map<String, List<TopicPartition>> assigned) {
    Map<String, List<List<Object>>> shown = new LinkedHashMap<>();
    assigned.forEach((id, list) -> {
      List<List<Object>> partitions = new ArrayList<>();
      for (TopicPartition one : list) partitions.add(List.of(one.topic(), one.partition()));
      shown.put(id, partitions);
    });
    return shown;
  }
}
