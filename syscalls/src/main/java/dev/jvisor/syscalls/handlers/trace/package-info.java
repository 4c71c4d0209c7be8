// SPDX-License-Identifier: Apache-2.0
/** Tracing and filtering: ptrace(2), process_vm_readv(2), seccomp(2). */
@NullMarked
package dev.jvisor.syscalls.handlers.trace;

import org.jspecify.annotations.NullMarked;
