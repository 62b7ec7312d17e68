import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads whole topics as a read_committed consumer, with Kafka's own client. For each line of standard input "topic<TAB>uncommitted|committed":
 * one line "partition<TAB>offset<TAB>key hex<TAB>value hex<TAB>timestamp<TAB>headers" per record, then "end<TAB>count".
 */
public class JudgeConsumer {
    private static final long PATIENCE_MS = 30_000;

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t");
            try {
                read(args[0], words[0], words[1], out);
            } catch (Exception e) {
                out.println("error\t" + e);
            }
            out.flush();
        }
    }

    private static void read(String brokers, String topic, String isolation, PrintStream out) throws InterruptedException {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", brokers);
        properties.put("isolation.level", "read_" + isolation);
        properties.put("enable.auto.commit", "false");
        properties.put("allow.auto.create.topics", "false");
        properties.put("max.poll.records", "10000");
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).collect(Collectors.toList());
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.currentTimeMillis() + PATIENCE_MS;
            Map<TopicPartition, Long> ends = settledEnds(consumer, partitions, properties, deadline);
            long count = 0;
            // So long nothing may come: a long topic takes its time.
            deadline = System.currentTimeMillis() + PATIENCE_MS;
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                if (System.currentTimeMillis() > deadline) throw new IllegalStateException("the ends of " + topic + " were not reached");
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
                if (!records.isEmpty()) deadline = System.currentTimeMillis() + PATIENCE_MS;
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (record.offset() >= ends.get(new TopicPartition(topic, record.partition()))) continue;
                    out.println(record.partition() + "\t" + record.offset() + "\t" + hex(record.key()) + "\t" + hex(record.value()) + "\t" + record.timestamp() + "\t" + headers(record));
                    count++;
                }
            }
            out.println("end\t" + count);
        }
    }

    /** A transaction's answer comes before its markers are in every partition: waits until none is open. */
    private static Map<TopicPartition, Long> settledEnds(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, Properties properties, long deadline) throws InterruptedException {
        Properties uncommitted = new Properties();
        uncommitted.putAll(properties);
        uncommitted.put("isolation.level", "read_uncommitted");
        try (KafkaConsumer<byte[], byte[]> all = new KafkaConsumer<>(uncommitted, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            while (true) {
                Map<TopicPartition, Long> ends = all.endOffsets(partitions);
                // With read_committed these are the last stable offsets.
                if (ends.equals(consumer.endOffsets(partitions))) return ends;
                if (System.currentTimeMillis() > deadline) throw new IllegalStateException("a transaction stays open in " + partitions);
                Thread.sleep(20);
            }
        }
    }

    private static String headers(ConsumerRecord<byte[], byte[]> record) {
        StringBuilder text = new StringBuilder();
        for (Header header : record.headers()) text.append(hex(header.key().getBytes(StandardCharsets.UTF_8))).append('=').append(hex(header.value())).append(',');
        return text.toString();
    }

    private static String hex(byte[] bytes) {
        if (bytes == null) return "null";
        StringBuilder text = new StringBuilder(bytes.length * 2);
        for (byte b : bytes) text.append(Character.forDigit((b >> 4) & 15, 16)).append(Character.forDigit(b & 15, 16));
        return text.toString();
    }
}
