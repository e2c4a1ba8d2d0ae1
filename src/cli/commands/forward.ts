import type { Command } from "commander";
import type { ForwardEvent } from "../../forwarding/forward.ts";
import type { ForwardedPort } from "../../forwarding/published-ports.ts";
import { count } from "../../text/count.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import type { CommandWork } from "../run-command.ts";
import type { Session } from "../session.ts";
import type { RunWork } from "./run-work.ts";
import { jsonOption } from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container forward web                       until Ctrl-C
  $ migrate-container migrate web ssh://board --forward    moves it, then does the same

Clients that still use this machine's address are served by the container where it is now. Only TCP is carried.`;

export function addForwardCommand(program: Command, runWork: RunWork): void {
  program
    .command("forward")
    .summary("keep serving a moved container's published ports on this machine")
    .description(
      "Listens at the ports that a moved container had published here, and carries what connects to where it is now, until it is stopped.",
    )
    .argument("<move>", "id of a move, or name or id of a container, that was moved from this machine")
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (which: string, _options: unknown, command: Command) => {
      await runWork(command, work(which));
    });
}

function work(which: string): CommandWork {
  return {
    failure: "Not forwarded",
    stateAfterFailure: ["The container runs where it was moved to."],
    onInterrupt: () => "ending. Nothing is forwarded any more.",
    leftBehind: () => [],
    run: (session) => runForward(which, session),
  };
}

/** Forwards until the session is interrupted. @param isAfterMove whether a move has told its result before */
export async function runForward(which: string, session: Session, isAfterMove = false): Promise<ExitCode> {
  const { library, signal, json, print, progress } = session;
  const onEvent = (event: ForwardEvent) => {
    const text = wordsOf(event);
    if (text !== undefined) progress.say(text);
  };
  const forwarded = await library.forward(which, { signal, onEvent });
  progress.close();
  // After a move standard output has its document already.
  if (!json) print([`Carried ${count(forwarded.connections, "connection")} to ${forwarded.target}.`]);
  else if (!isAfterMove) print([toJson(forwarded, 2)]);
  return exitCodes.done;
}

function wordsOf(event: ForwardEvent): string | undefined {
  switch (event.type) {
    case "listening":
      return `${placeOf(event.port)} goes to ${event.port.there.address}:${event.port.there.port} there, until Ctrl-C`;
    case "failed":
      return `a connection to ${placeOf(event.port)} could not be carried: ${event.error}`;
    case "link-lost":
      return "the link broke: it is made anew";
    case "link-back":
      return "the link is there again";
    case "note":
      return event.text;
    default:
      return undefined;
  }
}

function placeOf({ address, port }: ForwardedPort): string {
  return `port ${address === "" ? "" : `${address}:`}${port}`;
}
