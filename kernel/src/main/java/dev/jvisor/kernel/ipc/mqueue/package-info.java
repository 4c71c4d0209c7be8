// SPDX-License-Identifier: Apache-2.0
/**
 * POSIX message queues and the file system that shows them (Linux: ipc/mqueue.c). A queue's monitor
 * guards it; the file system's guards its names and what users have; both are leaves but for the
 * former, which may be held when the latter is taken.
 */
@NullMarked
package dev.jvisor.kernel.ipc.mqueue;

import org.jspecify.annotations.NullMarked;
