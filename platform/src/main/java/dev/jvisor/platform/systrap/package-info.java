// SPDX-License-Identifier: Apache-2.0
/**
 * Platform {@code systrap}: system calls at the speed of shared memory.
 *
 * <p>{@link dev.jvisor.platform.systrap.SystrapPlatform} makes stub processes from
 * {@code StubCode}. {@code SystrapContext} (a task) hands over to and from a guest thread through a
 * {@code Block}; {@code SystrapAddressSpace} collects mapping changes and has the process's agent
 * make them.
 *
 * <p>Lock order: {@code SystrapAddressSpace.lock}, {@code StubFiles}, {@code StubProcess},
 * {@code ContextFile} or {@code ControlFile}; {@code SystrapContext.kickLock} and the platform's
 * list of processes are leaves, except that the latter is held over {@code StubFiles.forget}.
 */
@NullMarked
package dev.jvisor.platform.systrap;

import org.jspecify.annotations.NullMarked;
