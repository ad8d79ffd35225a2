import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect } from 'vitest';
import { kafkaVersion } from '../../../support/kafka/version.ts';

/** `KAFKA_RX_RECORD=1`: what a real Kafka says is written down, and not compared. */
export const recording: boolean = process.env['KAFKA_RX_RECORD'] === '1';

/** The transcripts are those of Kafka 4.3.1: whether the tests run against it. */
export const isRecorded: boolean = kafkaVersion === '4.3.1';

/** That a conversation went as it had gone with a real Kafka. */
export function expectTranscript(name: string, transcript: string, ground: 'real' | 'simulated' = 'simulated'): void {
  const file = join(import.meta.dirname, '../transcripts', `${name}.txt`);
  if (recording && ground === 'real') writeFileSync(file, transcript);
  expect(transcript).toBe(readFileSync(file, 'utf8'));
}
