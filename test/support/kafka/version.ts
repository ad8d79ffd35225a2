import process from 'node:process';

/** The Kafka that the tests start, by Docker or by Java: KAFKA_VERSION, else the newest one that is known to work. */
export const kafkaVersion: string = process.env['KAFKA_VERSION'] ?? '4.3.1';
