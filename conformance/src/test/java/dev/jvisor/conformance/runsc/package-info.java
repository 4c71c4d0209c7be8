// SPDX-License-Identifier: Apache-2.0
/** The command line as a user meets it: through {@code bin/runsc}. */
@NullMarked
package dev.jvisor.conformance.runsc;

import org.jspecify.annotations.NullMarked;
