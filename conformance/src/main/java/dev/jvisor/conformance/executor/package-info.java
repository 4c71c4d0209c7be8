// SPDX-License-Identifier: Apache-2.0
/**
 * Runs {@linkplain dev.jvisor.conformance.program.Program programs}:
 * {@link dev.jvisor.conformance.executor.GuestExecutor} is the static executable that interprets
 * them as a guest, {@link dev.jvisor.conformance.executor.Machine} starts it on this machine's
 * kernel or under a container runtime, and {@link dev.jvisor.conformance.executor.Connection}
 * speaks with it.
 *
 * <p>One start serves many programs. Each runs in a forked child, in a directory of its own that is
 * its root, with no descriptor open, and is ended after five seconds.
 */
@NullMarked
package dev.jvisor.conformance.executor;

import org.jspecify.annotations.NullMarked;
