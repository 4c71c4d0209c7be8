// SPDX-License-Identifier: Apache-2.0
/** Calls of System V IPC and of POSIX message queues. */
@NullMarked
package dev.jvisor.syscalls.handlers.ipc;

import org.jspecify.annotations.NullMarked;
