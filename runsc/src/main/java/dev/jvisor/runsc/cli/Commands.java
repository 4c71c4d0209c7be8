// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import org.jspecify.annotations.Nullable;

/** The commands by name. A switch rather than a map: a start loads only the class it needs. */
final class Commands {

    private Commands() {}

    /** Names in the order of help. */
    static final String[] NAMES = {"do", "run", "spec", "bench", "help"};

    static @Nullable Command find(String name) {
        return switch (name) {
            case "do" -> new DoCommand();
            case "run" -> new RunCommand();
            case "spec" -> new SpecCommand();
            case "bench" -> new BenchCommand();
            case "help" -> new HelpCommand();
            default -> null;
        };
    }
}
