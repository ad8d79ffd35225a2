import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.Utils;

/**
 * Kafka's own codec, for comparison: one command a line on standard input, one line of JSON for each on standard output.
 *
 *   definition NAME           the message definition in Kafka's jar
 *   errors                    every error code
 *   message CLASS VERSION HEX decodes: its value, and the bytes that Kafka writes for that value
 *   batches HEX               decodes record batches, checking their CRC
 *   build CODEC JSON          writes one record batch
 *   marker abort|commit       writes the batch that ends a transaction
 */
public class Oracle {
    static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.ALLOW_COMMENTS);
    static final String MESSAGES = "org.apache.kafka.common.message.";

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode answer;
            try {
                answer = answer(line.split(" ", 4), line);
            } catch (InvocationTargetException e) {
                answer = JSON.createObjectNode().put("error", String.valueOf(e.getCause()));
            } catch (Exception e) {
                answer = JSON.createObjectNode().put("error", String.valueOf(e));
            }
            out.println(JSON.writeValueAsString(answer));
        }
        out.flush();
    }

    static JsonNode answer(String[] words, String line) throws Exception {
        switch (words[0]) {
            case "definition": return definition(words[1]);
            case "errors": return errors();
            case "message": return message(words[1], Short.parseShort(words[2]), bytes(words.length > 3 ? words[3] : ""));
            case "batches": return batches(bytes(words[1]));
            case "build": return build(words[1], JSON.readTree(line.substring(line.indexOf('{'))));
            case "marker": return marker(ControlRecordType.valueOf(words[1].toUpperCase(Locale.ROOT)));
            default: throw new IllegalArgumentException(words[0]);
        }
    }

    static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    static String hex(ByteBuffer bytes) {
        return bytes == null ? null : HexFormat.of().formatHex(Utils.toArray(bytes));
    }

    static JsonNode definition(String name) throws Exception {
        try (InputStream in = Oracle.class.getResourceAsStream("/common/message/" + name + ".json")) {
            return JSON.readTree(in);
        }
    }

    static JsonNode errors() {
        ArrayNode all = JSON.createArrayNode();
        for (Errors error : Errors.values()) {
            all.addObject().put("code", error.code()).put("name", error.name())
                .put("retriable", error.exception() instanceof RetriableException)
                .put("metadata", error.exception() instanceof InvalidMetadataException);
        }
        return all;
    }

    static JsonNode message(String name, short version, ByteBuffer bytes) throws Exception {
        Message message = (Message) Class.forName(MESSAGES + name).getConstructor(Readable.class, short.class)
            .newInstance(new ByteBufferAccessor(bytes), version);
        Method write = null;
        for (Method method : Class.forName(MESSAGES + name + "JsonConverter").getMethods()) {
            if (method.getName().equals("write") && method.getParameterCount() == 3) write = method;
        }
        ObjectNode answer = JSON.createObjectNode();
        answer.set("value", (JsonNode) write.invoke(null, message, version, true));
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer again = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(again), cache, version);
        again.flip();
        return answer.put("bytes", hex(again)).put("left", bytes.remaining());
    }

    static JsonNode batches(ByteBuffer bytes) {
        ArrayNode all = JSON.createArrayNode();
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
            batch.ensureValid();
            ObjectNode one = all.addObject()
                .put("baseOffset", batch.baseOffset()).put("nextOffset", batch.nextOffset()).put("sizeInBytes", batch.sizeInBytes())
                .put("leaderEpoch", batch.partitionLeaderEpoch()).put("magic", batch.magic()).put("crc", batch.checksum())
                .put("compression", batch.compressionType().name).put("isTransactional", batch.isTransactional())
                .put("isControl", batch.isControlBatch()).put("timestampType", batch.timestampType().name)
                .put("hasDeleteHorizon", batch.deleteHorizonMs().isPresent()).put("maxTimestamp", batch.maxTimestamp())
                .put("producerId", batch.producerId()).put("producerEpoch", batch.producerEpoch())
                .put("baseSequence", batch.baseSequence()).put("recordCount", batch.countOrNull());
            ArrayNode records = one.putArray("records");
            for (Record record : batch) {
                ArrayNode headers = records.addObject().put("offset", record.offset()).put("timestamp", record.timestamp())
                    .put("key", hex(record.key())).put("value", hex(record.value())).putArray("headers");
                for (Header header : record.headers()) {
                    headers.addArray().add(header.key()).add(header.value() == null ? null : hex(ByteBuffer.wrap(header.value())));
                }
            }
        }
        return all;
    }

    static JsonNode build(String codec, JsonNode batch) {
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(new ByteBufferOutputStream(1024), (byte) 2,
            Compression.of(codec).build(), TimestampType.forName(batch.get("timestampType").asText()), batch.get("baseOffset").asLong(),
            batch.get("appendTime").asLong(), batch.get("producerId").asLong(), (short) batch.get("producerEpoch").asInt(),
            batch.get("baseSequence").asInt(), batch.get("isTransactional").asBoolean(), false, batch.get("leaderEpoch").asInt(),
            Integer.MAX_VALUE);
        for (JsonNode record : batch.get("records")) {
            JsonNode names = record.get("headers");
            Header[] headers = new Header[names.size()];
            for (int i = 0; i < headers.length; i++) {
                headers[i] = new RecordHeader(names.get(i).get(0).asText(), array(names.get(i).get(1)));
            }
            builder.appendWithOffset(record.get("offset").asLong(), record.get("timestamp").asLong(),
                array(record.get("key")), array(record.get("value")), headers);
        }
        return JSON.createObjectNode().put("bytes", hex(builder.build().buffer()));
    }

    static JsonNode marker(ControlRecordType type) {
        MemoryRecords records = MemoryRecords.withEndTransactionMarker(8, 1_700_000_000_000L, 2, 7, (short) 3, new EndTransactionMarker(type, 5));
        return JSON.createObjectNode().put("bytes", hex(records.buffer()));
    }

    static byte[] array(JsonNode hex) {
        return hex.isNull() ? null : HexFormat.of().parseHex(hex.asText());
    }
}
