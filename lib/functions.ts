/** The Lambdas: one bundle each, a schedule or the queue in front, and only the rights they need. */
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction, type NodejsFunctionProps, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { RelayEnvironment } from '../lambdas/relay/settings.ts';
import { grantIngest, grantReap, grantRelay, grantTick } from './grants.ts';
import type { PostfoldSettings } from './settings.ts';
import type { Storage } from './storage.ts';

const root = join(import.meta.dirname, '..');

/** CommonJS packages inside an ES module still say require. */
const requireBanner =
  "import{createRequire as postfoldRequire}from'node:module';const require=postfoldRequire(import.meta.url);";

/** Must agree with lambdas/relay/settings.ts: its lease outlives this. */
export const relayTimeout = Duration.seconds(900);

export interface FunctionsProps {
  readonly settings: PostfoldSettings;
  readonly storage: Storage;
  readonly vpc: IVpc;
}

type Environment = Readonly<Record<string, string>>;

export class Functions extends Construct {
  readonly ingest: NodejsFunction;
  readonly relay: NodejsFunction;
  readonly tick: NodejsFunction;
  readonly reap: NodejsFunction;
  /** Of the functions that reach into the network: the servers let it ring them. */
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { settings, storage, vpc }: FunctionsProps) {
    super(scope, id);
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', { vpc });
    const inVpc = {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [this.securityGroup],
    };
    const common: Environment = {
      POSTFOLD_TABLE_PREFIX: settings.prefix,
      POSTFOLD_BUCKET: storage.bodies.bucketName,
      POSTFOLD_OUTBOUND_QUEUE_URL: storage.queue.queueUrl,
      POSTFOLD_HOSTNAME: settings.hostname,
    };
    this.ingest = this.#function('ingest', common, {
      ...inVpc,
      memorySize: 1024,
      timeout: Duration.seconds(120),
    });
    grantIngest(storage, this.ingest);
    this.relay = this.#function('relay', this.#relayEnvironment(common, settings), {
      ...inVpc, // port 25 opens only for functions behind NAT, on request
      memorySize: 512,
      timeout: relayTimeout,
    });
    grantRelay(storage, this.relay);
    this.ingest.grantInvoke(this.relay);
    this.relay.addEventSource(
      new SqsEventSource(storage.queue, {
        batchSize: 10,
        maxConcurrency: 100,
        reportBatchItemFailures: true,
      }),
    );
    this.tick = this.#function('tick', common, { memorySize: 256, timeout: Duration.seconds(55) });
    grantTick(storage, this.tick);
    this.#every(Duration.minutes(1), this.tick);
    this.reap = this.#function('reap', common, { memorySize: 1024, timeout: Duration.minutes(15) });
    grantReap(storage, this.reap);
    this.#every(Duration.hours(1), this.reap);
  }

  #relayEnvironment(common: Environment, { ownNames, routes, retry, warn }: PostfoldSettings): Environment {
    const relay: Partial<RelayEnvironment> = {
      POSTFOLD_INGEST_FUNCTION: this.ingest.functionName,
      ...(ownNames.length > 0 ? { POSTFOLD_OWN_NAMES: ownNames.join(' ') } : {}),
      ...(routes.length > 0 ? { POSTFOLD_ROUTES: routes.join(' ') } : {}),
      ...(retry === undefined ? {} : { POSTFOLD_RETRY: retry }),
      ...(warn === undefined ? {} : { POSTFOLD_WARN: warn }),
    };
    return { ...common, ...relay };
  }

  #function(name: string, environment: Environment, props: NodejsFunctionProps): NodejsFunction {
    return new NodejsFunction(this, name, {
      entry: join(root, 'lambdas', name, 'handler.ts'),
      projectRoot: root,
      depsLockFilePath: join(root, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
      logGroup: new LogGroup(this, `${name}Log`, {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        banner: requireBanner,
        externalModules: [], // the SDK of our lock file, not that of the day
        sourceMap: true,
        sourcesContent: false,
        minify: true,
        keepNames: true,
      },
      ...props,
    });
  }

  #every(interval: Duration, target: NodejsFunction): void {
    new Rule(this, `${target.node.id}Schedule`, {
      schedule: Schedule.rate(interval),
      targets: [new LambdaFunction(target, { retryAttempts: 0 })],
    });
  }
}
