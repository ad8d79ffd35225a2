import type { Served } from './call.ts';
import { adminServices } from './admin/services.ts';
import { fetchServices } from './fetch/services.ts';
import { groupServices } from './group/services.ts';
import { transactionServices } from './transaction/services.ts';

/** What a broker serves, by API key. */
export const services: ReadonlyMap<number, Served> = new Map(
  [...adminServices, ...fetchServices, ...groupServices, ...transactionServices].map((each) => [each.api.key, each]),
);
