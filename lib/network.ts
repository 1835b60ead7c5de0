/**
 * The network: public subnets for the balancer and NAT, private ones for everything that runs.
 * Mail leaves through NAT gateways with fixed addresses, so that they can have PTR records.
 */
import {
  CfnEIP,
  GatewayVpcEndpointAwsService,
  type IVpc,
  NatProvider,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

export interface NetworkProps {
  readonly natGateways: number;
}

export class Network extends Construct {
  readonly vpc: IVpc;
  /** The addresses that other mail servers see: they want PTR records. */
  readonly outboundAddresses: readonly CfnEIP[];

  constructor(scope: Construct, id: string, { natGateways }: NetworkProps) {
    super(scope, id);
    this.outboundAddresses = Array.from(
      { length: natGateways },
      (_, i) => new CfnEIP(this, `OutboundAddress${i + 1}`, { domain: 'vpc' }),
    );
    // CDK's classes do not satisfy its own interfaces under exactOptionalPropertyTypes, hence the casts in lib/.
    this.vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways,
      natGatewayProvider: NatProvider.gateway({
        eipAllocationIds: this.outboundAddresses.map((address) => address.attrAllocationId),
      }),
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
      ],
      // Both are free, and keep bodies and metadata off the NAT's price per gigabyte.
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDB: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    }) as IVpc;
  }
}
