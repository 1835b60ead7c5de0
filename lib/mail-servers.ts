/**
 * The three servers behind one network load balancer. TLS ends in the containers; the balancer
 * passes TCP on and tells the client's address in the PROXY header. Connections may idle for an
 * hour (IMAP IDLE), and a task that is told to stop has two minutes.
 */
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IVpc, Peer, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  Cluster,
  ContainerImage,
  CpuArchitecture,
  Secret as EcsSecret,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { NetworkLoadBalancer, Protocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { IgnoreMode } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { grantBell, grantMailboxes, grantSmtp } from './grants.ts';
import type { PostfoldSettings } from './settings.ts';
import type { Storage } from './storage.ts';

const root = join(import.meta.dirname, '..');

/** Containers run without root, so each port is listened on 2000 higher. */
const containerPortOffset = 2000;
/** Where tasks are rung when an account that they hold has something new. */
const bellPort = 8070;

interface ServerShape {
  readonly name: 'smtp' | 'pop3' | 'imap';
  /** Public port by the variable that tells the server its own; at most 5 (target groups of a service). */
  readonly ports: Readonly<Record<string, number>>;
  readonly memoryMiB: number;
}

const servers: readonly ServerShape[] = [
  {
    name: 'smtp',
    ports: { POSTFOLD_SMTP_PORT: 25, POSTFOLD_SUBMISSION_PORT: 587, POSTFOLD_SUBMISSIONS_PORT: 465 },
    memoryMiB: 1024,
  },
  { name: 'pop3', ports: { POSTFOLD_POP3_PORT: 110, POSTFOLD_POP3S_PORT: 995 }, memoryMiB: 1024 },
  { name: 'imap', ports: { POSTFOLD_IMAP_PORT: 143, POSTFOLD_IMAPS_PORT: 993 }, memoryMiB: 2048 },
];

export interface MailServersProps {
  readonly settings: PostfoldSettings;
  readonly storage: Storage;
  readonly vpc: IVpc;
  readonly ingest: IFunction;
  /** Of those who ring the bell. */
  readonly ringers: SecurityGroup;
}

export class MailServers extends Construct {
  readonly balancer: NetworkLoadBalancer;
  readonly services: readonly FargateService[];
  readonly #props: MailServersProps;
  readonly #securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: MailServersProps) {
    super(scope, id);
    this.#props = props;
    const { vpc, settings } = props;
    const outside = new SecurityGroup(this, 'BalancerSecurityGroup', { vpc });
    this.#securityGroup = new SecurityGroup(this, 'TaskSecurityGroup', { vpc });
    this.#securityGroup.addIngressRule(props.ringers, Port.tcp(bellPort), 'doorbell');
    this.#securityGroup.addIngressRule(this.#securityGroup, Port.tcp(bellPort), 'doorbell');
    this.balancer = new NetworkLoadBalancer(this, 'Balancer', {
      vpc,
      internetFacing: true,
      crossZoneEnabled: true,
      securityGroups: [outside],
    });
    const cluster = new Cluster(this, 'Cluster', { vpc }) as ICluster;
    const tls = Secret.fromSecretNameV2(this, 'Tls', settings.tlsSecret);
    this.services = servers.map((shape) => this.#service(shape, cluster, tls, outside));
  }

  #service(shape: ServerShape, cluster: ICluster, tls: ISecret, outside: SecurityGroup): FargateService {
    const { settings, ingest, storage } = this.#props;
    const task = this.#task(shape, tls);
    if (shape.name === 'smtp') {
      grantSmtp(storage, task.taskRole);
      ingest.grantInvoke(task.taskRole);
    } else grantMailboxes(storage, task.taskRole);
    if (shape.name === 'imap') grantBell(storage, task.taskRole);
    const service = new FargateService(this, `${shape.name}Service`, {
      cluster,
      taskDefinition: task,
      desiredCount: settings.tasks,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [this.#securityGroup],
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      healthCheckGracePeriod: Duration.seconds(60),
    });
    for (const port of Object.values(shape.ports)) this.#expose(service, shape.name, port, outside);
    return service;
  }

  #task({ name, ports, memoryMiB }: ServerShape, tls: ISecret): FargateTaskDefinition {
    const { settings, storage, ingest } = this.#props;
    const task = new FargateTaskDefinition(this, `${name}Task`, {
      cpu: 512,
      memoryLimitMiB: memoryMiB,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    const inside = Object.entries(ports).map(
      ([variable, port]) => [variable, port + containerPortOffset] as const,
    );
    task.addContainer(name, {
      image: ContainerImage.fromAsset(root, {
        file: `fargate/${name}/Dockerfile`,
        platform: Platform.LINUX_ARM64,
        ignoreMode: IgnoreMode.DOCKER,
        exclude: [
          '*',
          '!core',
          '!fargate',
          '!package.json',
          '!package-lock.json',
          '**/*.test.ts',
          '**/testdata',
        ],
      }),
      environment: {
        POSTFOLD_HOSTNAME: settings.hostname,
        POSTFOLD_TABLE_PREFIX: settings.prefix,
        POSTFOLD_BUCKET: storage.bodies.bucketName,
        POSTFOLD_PROXY_PROTOCOL: '1',
        ...Object.fromEntries(inside.map(([variable, port]) => [variable, String(port)])),
        ...(name === 'smtp' ? { POSTFOLD_INGEST_FUNCTION: ingest.functionName } : {}),
        ...(name === 'imap' ? { POSTFOLD_BELL_PORT: String(bellPort) } : {}),
      },
      secrets: {
        POSTFOLD_TLS_KEY: EcsSecret.fromSecretsManager(tls, 'key'),
        POSTFOLD_TLS_CERT: EcsSecret.fromSecretsManager(tls, 'cert'),
      },
      portMappings: inside.map(([, containerPort]) => ({ containerPort })),
      stopTimeout: Duration.seconds(120),
      logging: LogDrivers.awsLogs({
        streamPrefix: name,
        logGroup: new LogGroup(this, `${name}Log`, {
          retention: RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      }),
    });
    return task;
  }

  #expose(service: FargateService, name: string, port: number, outside: SecurityGroup): void {
    const containerPort = port + containerPortOffset;
    outside.addIngressRule(Peer.anyIpv4(), Port.tcp(port));
    this.#securityGroup.addIngressRule(outside, Port.tcp(containerPort), `${name} ${port}`);
    const listener = this.balancer.addListener(`Port${port}`, {
      port,
      protocol: Protocol.TCP,
      tcpIdleTimeout: Duration.hours(1),
    });
    const group = listener.addTargets(`Target${port}`, {
      port: containerPort,
      protocol: Protocol.TCP,
      proxyProtocolV2: true,
      preserveClientIp: false, // the PROXY header tells it; so the tasks take connections from the balancer alone
      deregistrationDelay: Duration.seconds(120),
      healthCheck: { protocol: Protocol.TCP, interval: Duration.seconds(10), healthyThresholdCount: 2 },
      targets: [service.loadBalancerTarget({ containerName: name, containerPort })],
    });
    // Whoever is still connected then is cut off rather than left to a task that is gone.
    group.setAttribute('deregistration_delay.connection_termination.enabled', 'true');
  }
}
