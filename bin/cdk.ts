/** The CDK app: `npx cdk synth`, `npx cdk deploy -c hostname=mx.example.com`. Needs no account to synthesize. */
import { App, Tags } from 'aws-cdk-lib';
import { PostfoldStack } from '../lib/postfold-stack.ts';
import { settingsFromContext } from '../lib/settings.ts';

const app = new App();
const settings = settingsFromContext((name) => app.node.tryGetContext(name));
const stack = new PostfoldStack(app, 'Postfold', { settings });
Tags.of(stack).add('application', 'postfold');
