/**
 * What the deployed stack must hold: limits of AWS that synth does not know, keys and settings
 * that the code relies on, and rights that are too wide. Nothing is bundled and nothing built.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { queueNames } from '../../core/store/queues.ts';
import { type TableDefinition, tableDefinitions, tableNames } from '../../core/store/tables.ts';
import { readSettings as readImap, readPlaces as readImapPlaces } from '../../fargate/imap/settings.ts';
import { readSettings as readPop3 } from '../../fargate/pop3/settings.ts';
import { readPlaces as readPop3Places } from '../../fargate/shared/environment.ts';
import { readPlaces, readSettings as readSmtp } from '../../fargate/smtp/settings.ts';
import { readSettings as readIngest } from '../../lambdas/ingest/settings.ts';
import { readReapSettings } from '../../lambdas/reap/settings.ts';
import { readRelaySettings, relayTimeoutSeconds, required } from '../../lambdas/relay/settings.ts';
import { PostfoldStack } from '../../lib/postfold-stack.ts';
import { settingsFromContext } from '../../lib/settings.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Properties = { readonly [key: string]: Json };

const context = {
  'aws:cdk:bundling-stacks': [],
  hostname: 'mx.acme.example',
  routes: '*=smart.example:26',
  warn: '1h',
};
const app = new App({ context });
const settings = settingsFromContext((name) => app.node.tryGetContext(name));
const template = Template.fromStack(new PostfoldStack(app, 'Postfold', { settings }));

/** The properties of all resources of a type, by logical id. */
function all(type: string): readonly (readonly [string, Properties])[] {
  return Object.entries(template.findResources(type)).map(([id, found]) => [
    id,
    found.Properties as Properties,
  ]);
}

/** What stands at a path of keys, or undefined. */
function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (inside, key) =>
      inside !== null && typeof inside === 'object' ? (inside as Properties)[key] : undefined,
    value,
  );
}
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
const named = (type: string, part: string) => all(type).find(([id]) => id.includes(part))?.[1];

test('the tables have the keys that the stores use, on demand, recoverable and protected', () => {
  const names = tableNames(settings.prefix);
  const tables = all('AWS::DynamoDB::Table');
  assert.equal(tables.length, 5);
  for (const definition of tableDefinitions) {
    const found = tables.find(([, one]) => one.TableName === names[definition.table])?.[1];
    assert.deepEqual(found?.KeySchema, keySchema(definition), definition.table);
    assert.equal(found?.BillingMode, 'PAY_PER_REQUEST');
    assert.equal(found?.DeletionProtectionEnabled, true);
    assert.equal(at(found, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled'), true);
    assert.equal(at(found, 'TimeToLiveSpecification', 'AttributeName'), definition.ttlAttribute);
    const index = at(found, 'GlobalSecondaryIndexes', 0);
    assert.equal(at(index, 'IndexName'), definition.index?.name);
    if (definition.index) {
      assert.deepEqual(at(index, 'KeySchema'), keySchema(definition.index));
      assert.equal(at(index, 'Projection', 'ProjectionType'), 'KEYS_ONLY');
    }
    const types = new Map(
      list(found?.AttributeDefinitions).map((one) => [at(one, 'AttributeName'), at(one, 'AttributeType')]),
    );
    for (const [name, type] of [definition.partitionKey, ...(definition.sortKey ? [definition.sortKey] : [])])
      assert.equal(types.get(name), type);
  }
});

function keySchema({ partitionKey, sortKey }: Pick<TableDefinition, 'partitionKey' | 'sortKey'>) {
  const hash = { AttributeName: partitionKey[0], KeyType: 'HASH' };
  return sortKey === undefined ? [hash] : [hash, { AttributeName: sortKey[0], KeyType: 'RANGE' }];
}

test('the bucket is versioned, encrypted with a bucket key, closed, and speaks TLS only', () => {
  const [[, bucket]] = all('AWS::S3::Bucket') as [readonly [string, Properties]];
  assert.equal(at(bucket, 'VersioningConfiguration', 'Status'), 'Enabled');
  const rule = at(bucket, 'BucketEncryption', 'ServerSideEncryptionConfiguration', 0);
  assert.equal(at(rule, 'BucketKeyEnabled'), true);
  assert.equal(at(rule, 'ServerSideEncryptionByDefault', 'SSEAlgorithm'), 'aws:kms');
  for (const value of Object.values(bucket.PublicAccessBlockConfiguration as Properties))
    assert.equal(value, true);
  const statements = list(at(named('AWS::S3::BucketPolicy', ''), 'PolicyDocument', 'Statement'));
  assert.ok(
    statements.some(
      (one) =>
        at(one, 'Effect') === 'Deny' && at(one, 'Condition', 'Bool', 'aws:SecureTransport') === 'false',
    ),
  );
});

test('stores outlive the stack', () => {
  const kept = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key'];
  for (const type of kept)
    for (const [id, found] of Object.entries(template.findResources(type)))
      assert.equal(found.DeletionPolicy, 'Retain', id);
});

test('a message of the queue stays hidden six times as long as the relay may run, and fails alone', () => {
  const relay = named('AWS::Lambda::Function', 'relay');
  assert.equal(relay?.Timeout, relayTimeoutSeconds);
  const queues = all('AWS::SQS::Queue');
  const [, queue] = queues.find(([id]) => !id.includes('Dead')) ?? [];
  assert.ok(Number(queue?.VisibilityTimeout) >= 6 * relayTimeoutSeconds);
  assert.ok(at(queue, 'RedrivePolicy', 'maxReceiveCount'));
  assert.equal(queue?.QueueName, queueNames(settings.prefix).outbound);
  const [, mapping] = all('AWS::Lambda::EventSourceMapping')[0] ?? [];
  assert.deepEqual(mapping?.FunctionResponseTypes, ['ReportBatchItemFailures']);
});

test('functions are Node 24 on arm64; the relay and ingest run inside the network', () => {
  const functions = ['ingest', 'relay', 'tick', 'reap'].map((name) => named('AWS::Lambda::Function', name));
  for (const found of functions) {
    assert.equal(found?.Runtime, 'nodejs24.x');
    assert.deepEqual(found?.Architectures, ['arm64']);
  }
  assert.deepEqual(
    functions.map((found) => found?.VpcConfig !== undefined),
    [true, true, false, false],
  );
  const rates = all('AWS::Events::Rule').map(([, rule]) => rule.ScheduleExpression);
  assert.deepEqual(rates.sort(), ['rate(1 hour)', 'rate(1 minute)']);
});

test('each service has at most five target groups; every port is there, with the PROXY header and an hour of idling', () => {
  const services = all('AWS::ECS::Service');
  assert.equal(services.length, 3);
  for (const [id, service] of services) {
    const count = list(service.LoadBalancers).length;
    assert.ok(count >= 1 && count <= 5, `${id} has ${count}`);
  }
  const listeners = all('AWS::ElasticLoadBalancingV2::Listener').map(([, one]) => one);
  assert.deepEqual(
    listeners.map((one) => Number(one.Port)).sort((a, b) => a - b),
    [25, 110, 143, 465, 587, 993, 995],
  );
  for (const one of listeners) {
    assert.equal(one.Protocol, 'TCP');
    assert.deepEqual(one.ListenerAttributes, [{ Key: 'tcp.idle_timeout.seconds', Value: '3600' }]);
  }
  for (const [id, group] of all('AWS::ElasticLoadBalancingV2::TargetGroup')) {
    const attributes = new Map(
      list(group.TargetGroupAttributes).map((one) => [at(one, 'Key'), at(one, 'Value')]),
    );
    assert.equal(attributes.get('proxy_protocol_v2.enabled'), 'true', id);
    assert.equal(attributes.get('deregistration_delay.timeout_seconds'), '120', id);
  }
});

/** The variables that a function or container gets; what is only known when deployed reads 'deployed'. */
function texts(variables: Properties): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? value : 'deployed']),
  );
}

test('every deployable can read the settings that it is given', () => {
  const functionEnv = (name: string) =>
    texts((at(named('AWS::Lambda::Function', name), 'Environment', 'Variables') ?? {}) as Properties);
  assert.equal(readIngest(functionEnv('ingest')).hostname, 'mx.acme.example');
  const relay = readRelaySettings(functionEnv('relay'));
  assert.equal(relay.routes.get('*')?.port, 26);
  assert.equal(relay.retry.warnAfterMs, 3_600_000);
  for (const name of [
    'POSTFOLD_BUCKET',
    'POSTFOLD_OUTBOUND_QUEUE_URL',
    'POSTFOLD_INGEST_FUNCTION',
    'POSTFOLD_TABLE_PREFIX',
  ] as const)
    assert.ok(required(functionEnv('relay'), name));
  assert.ok(functionEnv('tick').POSTFOLD_OUTBOUND_QUEUE_URL);
  assert.equal(readReapSettings(functionEnv('reap')).tablePrefix, settings.prefix);
  const smtp = container('smtp');
  const { port, submissionPort, submissionsPort, proxyProtocol } = readSmtp(smtp.env);
  assert.deepEqual([[port, submissionPort, submissionsPort], proxyProtocol], [smtp.ports, true]);
  assert.equal(readPlaces(smtp.env).tablePrefix, settings.prefix);
  for (const [name, read, places] of [
    ['pop3', readPop3, readPop3Places],
    ['imap', readImap, readImapPlaces],
  ] as const) {
    const { env, ports } = container(name);
    const found = read(env);
    assert.deepEqual([[found.port, found.tlsPort], found.proxyProtocol], [ports, true], name);
    assert.equal(places(env).tablePrefix, settings.prefix);
  }
});

function container(name: string): {
  readonly env: Record<string, string>;
  readonly ports: readonly number[];
} {
  const found = at(named('AWS::ECS::TaskDefinition', name), 'ContainerDefinitions', 0);
  const pairs = list(at(found, 'Environment')).map(
    (one) => [String(at(one, 'Name')), at(one, 'Value') ?? ''] as const,
  );
  const secrets = list(at(found, 'Secrets')).map((one) => [String(at(one, 'Name')), 'deployed'] as const);
  assert.equal(at(found, 'StopTimeout'), 120);
  const ports = list(at(found, 'PortMappings')).map((one) => Number(at(one, 'ContainerPort')));
  return { env: texts(Object.fromEntries([...pairs, ...secrets])), ports };
}

test('no role may do everything, and none reaches tables that it has no business with', () => {
  const allowed = new Map<string, string>();
  for (const [id, policy] of all('AWS::IAM::Policy')) {
    for (const statement of list(at(policy, 'PolicyDocument', 'Statement'))) {
      const actions = [at(statement, 'Action') ?? ''].flat().map(String);
      for (const action of actions) {
        assert.notEqual(action, '*', id);
        assert.doesNotMatch(action, /^(dynamodb|s3|sqs|lambda|kms):\*$/, id);
      }
      if (at(statement, 'Resource') === '*')
        assert.ok(
          actions.every((one) => /^(ecr:GetAuthorizationToken|xray:|logs:|ssmmessages:|ec2:)/.test(one)),
          `${id} ${actions.join()}`,
        );
    }
    allowed.set(id, JSON.stringify(at(policy, 'PolicyDocument')));
  }
  const policyOf = (part: string) =>
    [...allowed]
      .filter(([id]) => id.includes(part))
      .map(([, text]) => text)
      .join();
  assert.doesNotMatch(policyOf('Functionstick'), /StorageLog|StorageMessages|StorageBodies/);
  assert.doesNotMatch(policyOf('Functionsrelay'), /StorageLog|StorageMessages|s3:PutObject/);
  assert.doesNotMatch(policyOf('ServerssmtpTaskTaskRole'), /StorageMessages|StorageOutbound|s3:GetObject/);
  assert.match(policyOf('Functionstick'), /StorageOutbound/);
});

test('settings of a deployment are checked', () => {
  assert.throws(() => settingsFromContext((name) => (name === 'tasks' ? '0' : undefined)), /tasks/);
  assert.equal(settingsFromContext(() => undefined).tasks, 2);
});
