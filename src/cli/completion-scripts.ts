import type { Command } from './command.js';
import { optionsOf } from './help.js';

/** What each shell needs, made of the table of commands. */
export const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash,
  zsh: (commands) => `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`,
  fish,
};

/** The long options of a command, such as `--json`. */
function longOptions(command: Command): string[] {
  return optionsOf(command).map(({ left }) => /--[\w-]+/.exec(left)?.[0] ?? '');
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map(
    (command) => `    ${command.name}) words="${longOptions(command).join(' ')}" ;;`,
  );
  return `_agentchat() {
  local words="" current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -F _agentchat agentchat`;
}

function fish(commands: readonly Command[]): string {
  return commands
    .flatMap((command) => [
      `complete -c agentchat -n __fish_use_subcommand -f -a ${command.name} -d ${quoted(command.summary)}`,
      ...longOptions(command).map(
        (option) =>
          `complete -c agentchat -n '__fish_seen_subcommand_from ${command.name}' -l ${option.slice(2)}`,
      ),
    ])
    .join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
