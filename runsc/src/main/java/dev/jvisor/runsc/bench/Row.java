// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import java.io.IOException;

/** One line of the table: something that can be measured under any runner. */
abstract class Row {

    final String name;
    final String unit;

    Row(String name, String unit) {
        this.name = name;
        this.unit = unit;
    }

    /** Measures once; lower is better. Throws with what went wrong when the runner cannot do it. */
    abstract double measure(Runner runner) throws IOException, InterruptedException;
}
