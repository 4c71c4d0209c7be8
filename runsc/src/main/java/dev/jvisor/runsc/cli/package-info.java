// SPDX-License-Identifier: Apache-2.0
/** The command line: commands, their options, exit codes. */
@NullMarked
package dev.jvisor.runsc.cli;

import org.jspecify.annotations.NullMarked;
