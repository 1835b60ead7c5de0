/**
 * Where everything is kept: five tables, one bucket, the outbound queue. All of it survives the
 * deletion of the stack. Keys are as in core/store/tables.ts; a test compares them.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface StorageProps {
  readonly prefix: string;
  /** The function that reads the queue may run so long; its messages stay hidden six times as long. */
  readonly relayTimeout: Duration;
}

export class Storage extends Construct {
  readonly routes: Table;
  readonly directory: Table;
  readonly log: Table;
  readonly messages: Table;
  readonly outbound: Table;
  readonly bodies: Bucket;
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { prefix, relayTimeout }: StorageProps) {
    super(scope, id);
    const table = (
      name: string,
      keys: Pick<TableProps, 'partitionKey' | 'sortKey' | 'timeToLiveAttribute'>,
    ) =>
      new Table(this, name, {
        tableName: `${prefix}${name}`,
        ...keys,
        billingMode: BillingMode.PAY_PER_REQUEST,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: true,
        removalPolicy: RemovalPolicy.RETAIN,
      });
    this.routes = table('Routes', { partitionKey: text('address') });
    this.directory = table('Directory', {
      partitionKey: text('tenant'),
      sortKey: text('item'),
      timeToLiveAttribute: 'expiresAt',
    });
    this.log = table('Log', { partitionKey: text('account'), sortKey: number('modSeq') });
    this.messages = table('Messages', { partitionKey: text('account'), sortKey: text('messageId') });
    this.outbound = table('Outbound', {
      partitionKey: text('tenant'),
      sortKey: text('jobId'),
      timeToLiveAttribute: 'ttl',
    });
    this.outbound.addGlobalSecondaryIndex({
      indexName: 'due',
      partitionKey: text('dueShard'),
      sortKey: number('dueAtMs'),
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.bodies = this.#bucket();
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: `${prefix}outbound-dead`,
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.queue = new Queue(this, 'Queue', {
      queueName: `${prefix}outbound`, // the administrative commands find it by this
      // AWS asks for six times the function's timeout, so that no message comes back while it is worked on.
      visibilityTimeout: Duration.seconds(relayTimeout.toSeconds() * 6),
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
  }

  #bucket(): Bucket {
    return new Bucket(this, 'Bodies', {
      encryption: BucketEncryption.KMS,
      encryptionKey: new Key(this, 'BodiesKey', {
        enableKeyRotation: true,
        removalPolicy: RemovalPolicy.RETAIN,
      }),
      bucketKeyEnabled: true,
      versioned: true,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          // What the reaper deleted can be brought back for so long; half uploads are of no use to anybody.
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(2),
          expiredObjectDeleteMarker: true,
        },
      ],
    });
  }
}

function text(name: string) {
  return { name, type: AttributeType.STRING };
}

function number(name: string) {
  return { name, type: AttributeType.NUMBER };
}
