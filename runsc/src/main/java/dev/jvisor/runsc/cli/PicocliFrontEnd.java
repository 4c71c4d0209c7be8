// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.util.List;

/** Help texts and explanations of bad command lines, from the same tables as the plain parser's. */
final class PicocliFrontEnd {

    private PicocliFrontEnd() {}

    /** Builds the model of the whole command line. */
    static CommandLine model() {
        CommandSpec root = CommandSpec.create().name("runsc");
        root.usageMessage()
                .description("Runs Linux programs in a sandbox: their system calls are served by a"
                        + " kernel of our own.");
        addOptions(root, GlobalOptions.OPTIONS);
        CommandLine line = new CommandLine(root);
        for (String name : Commands.NAMES) {
            Command command = Commands.find(name);
            if (command != null) {
                line.addSubcommand(name, new CommandLine(specification(command)));
            }
        }
        return line;
    }

    private static CommandSpec specification(Command command) {
        CommandSpec spec = CommandSpec.create().name(command.name());
        spec.usageMessage().description(command.summary());
        spec.parser().stopAtPositional(command.stopsAtOperand());
        addOptions(spec, command.options());
        spec.addOption(OptionSpec.builder("--help")
                .usageHelp(true)
                .description("Print this help.")
                .build());
        if (!command.operands().isEmpty()) {
            spec.addPositional(PositionalParamSpec.builder()
                    .paramLabel(command.operands())
                    .hideParamSyntax(true)
                    .arity("0..*")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .build());
        }
        return spec;
    }

    private static void addOptions(CommandSpec spec, List<Option> options) {
        for (Option option : options) {
            OptionSpec.Builder builder =
                    OptionSpec.builder(option.name()).description(option.description());
            if (option.label() == null) {
                builder.arity("0").type(boolean.class);
            } else {
                builder.arity("1")
                        .paramLabel(option.label())
                        .type(List.class)
                        .auxiliaryTypes(String.class);
            }
            spec.addOption(builder.build());
        }
    }

    /** Answers help and version requests, and turns what is wrong into one line. */
    static Invocation parse(String[] args) throws RunscException {
        ParseResult result;
        try {
            result = model().parseArgs(args);
        } catch (UnmatchedArgumentException e) {
            throw new RunscException(unmatched(e));
        } catch (ParameterException e) {
            throw new RunscException(e.getMessage() + "; see 'runsc help'");
        }
        GlobalOptions global = new GlobalOptions();
        if (result.hasMatchedOption("--version")) {
            return new Invocation(global, new VersionCommand(), List.of());
        }
        @Nullable ParseResult sub = result.subcommand();
        if (sub != null && sub.hasMatchedOption("--help")) {
            return new Invocation(
                    global, new HelpCommand(), List.of(sub.commandSpec().name()));
        }
        if (sub == null && !result.hasMatchedOption("--help")) {
            throw new RunscException("no command given; see 'runsc help'");
        }
        return new Invocation(global, new HelpCommand(), List.of());
    }

    private static String unmatched(UnmatchedArgumentException e) {
        String argument = e.getUnmatched().isEmpty() ? "" : e.getUnmatched().get(0);
        boolean atRoot = e.getCommandLine().getParent() == null;
        StringBuilder text = new StringBuilder();
        if (argument.startsWith("-")) {
            text.append("unknown flag '").append(argument).append("'");
            if (!atRoot) {
                text.append(" of '").append(e.getCommandLine().getCommandName()).append("'");
            }
        } else {
            text.append(atRoot ? "unknown command '" : "unexpected argument '")
                    .append(argument)
                    .append("'");
        }
        List<String> suggestions = e.getSuggestions();
        if (!suggestions.isEmpty()) {
            text.append(", did you mean ")
                    .append(String.join(" or ", suggestions))
                    .append('?');
        }
        return text.append("; see 'runsc help")
                .append(atRoot ? "" : " " + e.getCommandLine().getCommandName())
                .append("'")
                .toString();
    }
}
