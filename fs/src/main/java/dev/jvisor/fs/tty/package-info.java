// SPDX-License-Identifier: Apache-2.0
/**
 * Terminals: pseudo-terminals with their file system, line discipline and job control (Linux:
 * drivers/tty, fs/devpts).
 *
 * <p>{@link dev.jvisor.fs.tty.Devpts} makes a {@link dev.jvisor.fs.tty.Pty} for each open of its
 * ptmx: {@code PtyMaster} and {@code PtySlave} are its open ends, {@code LineDiscipline} (N_TTY) is
 * what happens between them: {@code InputBuffer} holds what was typed, {@code EchoQueue} what is to
 * be echoed, {@code OutputProcessor} knows the column.
 * {@link dev.jvisor.fs.tty.ControllingTerminal} is the part of a terminal that knows sessions; the
 * host's terminal shares it.
 *
 * <p>Lock order: the monitor of a {@code Pty}, and the lock of its job control, are leaves; under
 * them nothing is woken, signalled or copied. The monitor of a {@code Devpts} (its table of
 * terminals) is another leaf.
 */
@NullMarked
package dev.jvisor.fs.tty;

import org.jspecify.annotations.NullMarked;
