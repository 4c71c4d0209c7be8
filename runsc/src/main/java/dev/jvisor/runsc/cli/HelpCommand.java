// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import dev.jvisor.syscalls.SyscallHelp;

import picocli.CommandLine;

import java.util.List;

/** {@code runsc help [COMMAND|syscalls]}. */
final class HelpCommand implements Command {

    private String format = "text";

    @Override
    public String name() {
        return "help";
    }

    @Override
    public String summary() {
        return "Explain a command, or list the system calls that are served (help syscalls).";
    }

    @Override
    public String operands() {
        return "[COMMAND|syscalls]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value(
                "--format", "FORMAT", "Of 'help syscalls': text (the default), json or csv."));
    }

    @Override
    public void set(String option, String value) throws RunscException {
        if (!value.equals("text") && !value.equals("json") && !value.equals("csv")) {
            throw new RunscException(
                    "unknown format '" + value + "'; --format takes: text, json, csv");
        }
        format = value;
    }

    @Override
    public int run(GlobalOptions global, List<String> operands) throws RunscException {
        if (operands.size() > 1) {
            throw new RunscException("help takes one topic; see 'runsc help'");
        }
        if (!operands.isEmpty() && operands.get(0).equals("syscalls")) {
            System.out.print(SyscallHelp.render(format));
            return ExitCode.SUCCESS;
        }
        CommandLine model = PicocliFrontEnd.model();
        if (!operands.isEmpty()) {
            CommandLine sub = model.getSubcommands().get(operands.get(0));
            if (sub == null) {
                throw new RunscException("no help for '" + operands.get(0) + "'; see 'runsc help'");
            }
            model = sub;
        }
        model.usage(System.out);
        return ExitCode.SUCCESS;
    }
}
