import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import type { AclEntry, SASLOptions } from 'kafkajs';
import { withAdmin } from './admin.ts';
import { javaTool } from './java.ts';
import { keeper } from './keeper.ts';
import type { NodePlan, Properties } from './nodeProperties.ts';
import { ownedKafka, type OwnedKafka } from './owned.ts';
import { freePorts } from './ports.ts';
import { createAuthority, type Authority, type Certificate } from './secureCertificates.ts';

const LISTENERS = ['SASL_PLAINTEXT', 'REAUTH', 'SSL', 'SASL_SSL', 'MTLS'] as const;

/** `PLAINTEXT` is for tests themselves: whoever comes that way may do everything. `REAUTH` speaks PLAIN and SCRAM-SHA-256, with a short session. */
export type Listener = 'PLAINTEXT' | (typeof LISTENERS)[number];

/** How long `REAUTH` believes who somebody is, ms. */
export const SESSION = 3_000;

/** May do everything. */
export const alice = { username: 'alice', password: 'alice-open-sesame' } as const;

/** May do what `allow` says. Has a password for PLAIN only. */
export const bob = { username: 'bob', password: 'bob-open-sesame' } as const;

/** A Kafka with locks: authentication on each listener, and an authorizer behind them. */
export interface SecureKafka extends OwnedKafka {
  /** `host:port` of the listener. */
  at(listener: Listener): string;
  /** Who signed the certificate of the broker, which is for 127.0.0.1 and for no name. */
  readonly authority: Authority;
  /** A certificate that `MTLS` accepts, of somebody who may do everything. */
  readonly client: Certificate;
  /** Lets bob do something. */
  allow(operation: 'read' | 'describe', resource: 'topic' | 'group', name: string): Promise<void>;
}

/** A new object each time: kafkajs keeps in it the credentials that it first saw there. */
export function saslOf(
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512',
  who: { readonly username: string; readonly password: string },
): SASLOptions {
  return { mechanism, username: who.username, password: who.password };
}

/** SASL with a token that nobody signed, which the broker believes: good for tests (RFC 7515, "none"). `lifetime`: seconds. */
export function bearerOf(name: string, lifetime = 3_600): SASLOptions {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const issued = Math.floor(Date.now() / 1_000) - 5;
  const token = `${part({ alg: 'none' })}.${part({ sub: name, iat: issued, exp: issued + lifetime })}.`;
  return { mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.resolve({ value: token }) };
}

function login(module: string, options = ''): string {
  return `org.apache.kafka.common.security.${module} required${options};`;
}

const passwords = [alice, bob].map(({ username, password }) => ` user_${username}="${password}"`).join('');
const plainLogin = login('plain.PlainLoginModule', passwords);
const scramLogin = login('scram.ScramLoginModule');

function saslProperties(listener: string, mechanisms: readonly string[]): Properties {
  const prefix = `listener.name.${listener.toLowerCase()}`;
  const of = (mechanism: string): string => {
    if (mechanism === 'PLAIN') return plainLogin;
    return mechanism === 'OAUTHBEARER'
      ? login('oauthbearer.OAuthBearerLoginModule', ' unsecuredLoginStringClaim_sub="nobody"')
      : scramLogin;
  };
  const logins = mechanisms.map((mechanism) => [`${prefix}.${mechanism.toLowerCase()}.sasl.jaas.config`, of(mechanism)]);
  return { [`${prefix}.sasl.enabled.mechanisms`]: mechanisms.join(','), ...(Object.fromEntries(logins) as Properties) };
}

type Ports = ReadonlyMap<Listener, number>;

function properties(node: NodePlan, ports: Ports, stores: Properties): Properties {
  const advertised = [['PLAINTEXT', node.port] as const, ...ports].map(([name, port]) => `${name}://127.0.0.1:${port}`).join(',');
  const every = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'];
  const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].map((name) => `${name}:${name}`);
  return {
    listeners: `${advertised},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': advertised,
    'listener.security.protocol.map': [...protocols, 'CONTROLLER:PLAINTEXT', 'REAUTH:SASL_PLAINTEXT', 'MTLS:SSL'].join(','),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS;User:alice;User:CN=client',
    ...saslProperties('SASL_PLAINTEXT', every),
    ...saslProperties('SASL_SSL', every),
    ...saslProperties('REAUTH', ['PLAIN', 'SCRAM-SHA-256']),
    'listener.name.reauth.plain.connections.max.reauth.ms': String(SESSION),
    'listener.name.reauth.scram-sha-256.connections.max.reauth.ms': String(SESSION),
    'listener.name.mtls.ssl.client.auth': 'required',
    ...stores,
  };
}

/** Key and certificate of the broker, and whom it believes. */
function storesOf(authority: Authority): Properties {
  const folder = mkdtempSync(join(keeper().folder, 'stores-'));
  const broker = authority.issue('broker', { ip: ['127.0.0.1'] });
  writeFileSync(join(folder, 'broker.pem'), broker.key + broker.certificate + authority.certificate);
  writeFileSync(join(folder, 'trusted.pem'), authority.certificate);
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': join(folder, 'broker.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(folder, 'trusted.pem'),
  };
}

/** Alice has them; bob has PLAIN only. */
async function addScramCredentials(kafka: OwnedKafka): Promise<void> {
  const add = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((mechanism) => {
    const config = `${mechanism}=[iterations=4096,password=${alice.password}]`;
    const args = ['--alter', '--add-config', config, '--entity-type', 'users', '--entity-name', alice.username];
    return javaTool('kafka.admin.ConfigCommand', ['--bootstrap-server', kafka.address(1), ...args]);
  });
  await Promise.all(add);
}

function aclOf(operation: 'read' | 'describe', resource: 'topic' | 'group', name: string): AclEntry {
  return {
    resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${bob.username}`,
    host: '*',
    operation: operation === 'read' ? AclOperationTypes.READ : AclOperationTypes.DESCRIBE,
    permissionType: AclPermissionTypes.ALLOW,
  };
}

/** Starts one. Close it. */
export async function secureKafka(): Promise<SecureKafka> {
  const authority = createAuthority('kafka-rx test authority');
  const stores = storesOf(authority);
  const free = await freePorts(LISTENERS.length);
  const ports: Ports = new Map(LISTENERS.map((listener, index) => [listener, free[index] ?? 0]));
  const kafka = await ownedKafka({ properties: (node) => properties(node, ports, stores) });
  await addScramCredentials(kafka);
  return {
    ...kafka,
    at: (listener) => (listener === 'PLAINTEXT' ? kafka.address(1) : `127.0.0.1:${ports.get(listener) ?? 0}`),
    authority,
    client: authority.issue('client'),
    allow: async (operation, resource, name) => {
      await withAdmin(kafka, (admin) => admin.createAcls({ acl: [aclOf(operation, resource, name)] }));
    },
  };
}
