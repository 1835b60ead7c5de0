/** The contract between the session and its commands. */
import type { CommandName, CommandOf } from './command.ts';
import type { AuthenticatedContext, Context, SelectedContext } from './context.ts';
import type { Status } from './response/status.ts';

/**
 * One command in the states in which it is valid (RFC 3501 3). `run` writes the untagged
 * responses and answers the tagged one; a failure is thrown. `capabilities` are those that
 * hold because this handler is here.
 */
export type Handler<Name extends CommandName> = {
  readonly capabilities?: readonly string[];
  /**
   * Whether EXPUNGE may be reported at the command's end. Not for FETCH, STORE and SEARCH by
   * sequence number (RFC 3501 7.4.1, RFC 2180 4).
   */
  readonly holdsExpunge?: (command: CommandOf<Name>) => boolean;
} & (
  | { readonly state: 'any'; run(context: Context, command: CommandOf<Name>): Status | Promise<Status> }
  | {
      readonly state: 'not-authenticated';
      run(context: Context, command: CommandOf<Name>): Status | Promise<Status>;
    }
  /** After login, without need of the account. */
  | { readonly state: 'logged-in'; run(context: Context, command: CommandOf<Name>): Status | Promise<Status> }
  | {
      readonly state: 'authenticated';
      run(context: AuthenticatedContext, command: CommandOf<Name>): Status | Promise<Status>;
    }
  | {
      readonly state: 'selected';
      run(context: SelectedContext, command: CommandOf<Name>): Status | Promise<Status>;
    }
);

/** Every command has its handler. */
export type Handlers = { readonly [Name in CommandName]: Handler<Name> };
