/** One whole Postfold: stores, network, functions, servers. Belongs to no fixed account or region. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Functions, relayTimeout } from './functions.ts';
import { MailServers } from './mail-servers.ts';
import { Network } from './network.ts';
import type { PostfoldSettings } from './settings.ts';
import { Storage } from './storage.ts';

export interface PostfoldStackProps extends StackProps {
  readonly settings: PostfoldSettings;
}

export class PostfoldStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ...props }: PostfoldStackProps) {
    super(scope, id, props);
    const storage = new Storage(this, 'Storage', { prefix: settings.prefix, relayTimeout });
    const { vpc, outboundAddresses } = new Network(this, 'Network', { natGateways: settings.natGateways });
    const { ingest, securityGroup } = new Functions(this, 'Functions', { settings, storage, vpc });
    const { balancer } = new MailServers(this, 'Servers', {
      settings,
      storage,
      vpc,
      ingest,
      ringers: securityGroup,
    });
    new CfnOutput(this, 'BalancerName', {
      value: balancer.loadBalancerDnsName,
      description: `${settings.hostname} is to be a CNAME or alias of this`,
    });
    outboundAddresses.forEach((address, i) => {
      new CfnOutput(this, `OutboundAddress${i + 1}`, {
        value: address.ref,
        description: `Mail leaves from here: ask for a PTR record that says ${settings.hostname}`,
      });
    });
  }
}
