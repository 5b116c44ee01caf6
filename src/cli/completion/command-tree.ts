import type { Command, Option } from 'commander';

export interface CommandNode {
  /** Words after the program's name; none for the program itself. */
  readonly path: readonly string[];
  readonly command: Command;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionNode[];
  readonly takesFiles: boolean;
  /** What its arguments may be, if that's known. */
  readonly choices: readonly string[];
}

export interface OptionNode {
  /** `--help`, and `-h` if there is one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** A list holds the possible values. */
  readonly value: 'none' | 'text' | 'file' | readonly string[];
  /** What the help calls its value; empty if it takes none. */
  readonly valueName: string;
}

/** The program and all its commands, parents first, as its help lists them. */
export function commandTree(command: Command, path: readonly string[] = []): readonly CommandNode[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  const node: CommandNode = {
    path,
    command,
    commands: children.map((child) => ({ name: child.name(), description: child.description() })),
    options: help.visibleOptions(command).map(optionNode),
    takesFiles: command.registeredArguments.some((argument) => /file|folder/.test(argument.name())),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
  return [node, ...children.flatMap((child) => commandTree(child, [...path, child.name()]))];
}

function optionNode(option: Option): OptionNode {
  const flags = [option.long, option.short].filter((flag) => flag !== undefined);
  const [, valueName = ''] = /[<[](.*)[>\]]/.exec(option.flags) ?? [];
  return { flags, description: option.description, value: valueTakenBy(option), valueName };
}

function valueTakenBy(option: Option): OptionNode['value'] {
  if (!option.required && !option.optional) return 'none';
  if (option.argChoices !== undefined) return option.argChoices;
  return /<(?:file|path|folder)>/.test(option.flags) ? 'file' : 'text';
}
