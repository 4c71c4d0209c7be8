// SPDX-License-Identifier: Apache-2.0
/**
 * Platform {@code ptrace}: works on every Linux host.
 *
 * <p>{@link dev.jvisor.platform.ptrace.PtracePlatform} makes stub processes from {@code StubImage};
 * {@code PtraceContext} (a task) drives a {@code Tracee} (its stub thread);
 * {@code PtraceAddressSpace} collects mapping changes and has a stub thread make them from a list
 * in {@code ControlFile}.
 *
 * <p>Lock order: {@code PtraceAddressSpace.lock}, {@code StubFiles}, {@code StubProcess};
 * {@code PtraceContext.kickLock} and the platform's list of processes are leaves, except that the
 * latter is held over {@code StubFiles.forget}.
 */
@NullMarked
package dev.jvisor.platform.ptrace;

import org.jspecify.annotations.NullMarked;
