/** A Kafka whose API versions can be spoken. */
export type KafkaVersion = '2.1' | '2.8' | '3.9' | '4.3';
