// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a command line.
 *
 * <p>A start counts milliseconds, and building picocli's model costs more than a hundred (see
 * {@code docs}), so a well-formed command line is split here, by the same {@link Option} tables
 * from which {@link PicocliFrontEnd} builds its model. Whatever is not plain (an unknown flag, a
 * missing value, help) goes to picocli, which explains it.
 */
public final class CommandLineParser {

    private final String[] args;
    private int next;

    private CommandLineParser(String[] args) {
        this.args = args;
    }

    /** Parses; throws what to tell the user. */
    public static Invocation parse(String[] args) throws RunscException {
        Invocation invocation = new CommandLineParser(args).parsePlain();
        return invocation != null ? invocation : PicocliFrontEnd.parse(args);
    }

    private @Nullable Invocation parsePlain() throws RunscException {
        GlobalOptions global = new GlobalOptions();
        while (next < args.length && args[next].startsWith("-")) {
            if (!take(GlobalOptions.OPTIONS, null, global)) {
                return null;
            }
        }
        if (global.version() || global.help() || next == args.length) {
            return null;
        }
        Command command = Commands.find(args[next++]);
        if (command == null) {
            return null;
        }
        List<String> operands = new ArrayList<>(args.length - next);
        while (next < args.length) {
            String arg = args[next];
            if (arg.equals("--")) {
                next++;
                takeRest(operands);
            } else if (arg.length() > 1 && arg.charAt(0) == '-') {
                if (!take(command.options(), command, global)) {
                    return null;
                }
            } else if (command.stopsAtOperand()) {
                takeRest(operands);
            } else {
                operands.add(arg);
                next++;
            }
        }
        return new Invocation(global, command, operands);
    }

    private void takeRest(List<String> operands) {
        while (next < args.length) {
            operands.add(args[next++]);
        }
    }

    /** Takes one flag with its value; false if it is not known or has no value. */
    private boolean take(List<Option> options, @Nullable Command command, GlobalOptions global)
            throws RunscException {
        String arg = args[next];
        int equals = arg.indexOf('=');
        String name = equals < 0 ? arg : arg.substring(0, equals);
        for (int i = 0; i < options.size(); i++) {
            Option option = options.get(i);
            if (!option.name().equals(name)) {
                continue;
            }
            String value = "";
            if (option.label() == null) {
                if (equals >= 0 && !arg.endsWith("=true")) {
                    return false;
                }
            } else if (equals >= 0) {
                value = arg.substring(equals + 1);
            } else if (next + 1 < args.length) {
                value = args[++next];
            } else {
                return false;
            }
            next++;
            if (command == null) {
                global.set(name, value);
            } else {
                command.set(name, value);
            }
            return true;
        }
        return false;
    }
}
