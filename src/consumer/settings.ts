/** The options of one consumer, checked and complete, by the names that this room has for them. */
export type { GroupMode, ManualMode, Settings as ConsumerSettings } from '../options/settings.ts';
