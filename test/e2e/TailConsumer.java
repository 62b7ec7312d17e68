import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Follows a topic as a read_committed consumer. For each batch of records one line: milliseconds since 1970 when it came,
 * then the write times (microseconds) of its events. First line: "ready".
 */
public class TailConsumer {
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[0]);
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        properties.put("max.poll.records", "10000");
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(args[1]).stream().map(p -> new TopicPartition(args[1], p.partition())).collect(Collectors.toList());
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (TopicPartition partition : partitions) consumer.position(partition);
            out.println("ready");
            out.flush();
            StringBuilder line = new StringBuilder();
            for (;;) {
                var records = consumer.poll(Duration.ofMillis(1000));
                if (records.isEmpty()) continue;
                line.setLength(0);
                line.append(System.currentTimeMillis());
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    String value = new String(record.value(), StandardCharsets.UTF_8);
                    int at = value.indexOf("\"ts_us\":") + 8;
                    line.append(' ').append(value, at, value.indexOf(',', at));
                }
                out.println(line);
                out.flush();
            }
        }
    }
}
