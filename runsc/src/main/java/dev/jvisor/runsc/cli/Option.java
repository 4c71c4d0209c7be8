// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import org.jspecify.annotations.Nullable;

/**
 * A flag of runsc or of one command.
 *
 * @param name with its dashes
 * @param label what its value is called in help; null for a flag without a value
 * @param description one sentence for help
 */
public record Option(String name, @Nullable String label, String description) {

    /** A flag without a value. */
    static Option flag(String name, String description) {
        return new Option(name, null, description);
    }

    /** A flag with a value, as {@code --name VALUE} or {@code --name=VALUE}. */
    static Option value(String name, String label, String description) {
        return new Option(name, label, description);
    }
}
