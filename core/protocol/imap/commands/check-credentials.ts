/** The end of LOGIN and AUTHENTICATE: the directory's verdict, slow and final for those who guess. */
import type { Credentials } from '../../../auth/sasl/sasl.ts';
import type { Context } from '../context.ts';
import { no, ok, type Status } from '../response/status.ts';

/** Logs in, or refuses with a delay that grows; after too many refusals the session ends with BYE. */
export async function checkCredentials(context: Context, credentials: Credentials): Promise<Status> {
  if (!context.mayLogin) return no('PRIVACYREQUIRED', 'Start TLS first');
  const { authorize, login, password } = credentials;
  const identity = await context.deps.directory.authenticate(login, password, context.remote);
  if (identity === 'held-off') return heldOff(context, login);
  // RFC 4616 2: acting for another is not offered; naming oneself is no other.
  const oneself = authorize === '' || authorize === login || authorize === identity?.login;
  if (identity && oneself) {
    context.logIn(identity);
    return ok('Logged in', context.capability);
  }
  const mayRetry = await context.loginRefused(login);
  if (!mayRetry) {
    context.quit();
    context.out.line('* BYE Too many failed logins');
  }
  return no('AUTHENTICATIONFAILED', 'Wrong user name or password');
}

/** Too much guessing from the client's address. RFC 5530 3: the server cannot check the password just now. */
function heldOff(context: Context, login: string): Status {
  context.loginHeldOff(login);
  context.quit();
  context.out.line('* BYE Too many failed logins from your address');
  return no('UNAVAILABLE', 'Too many failed logins from your address, come again in a few minutes');
}
