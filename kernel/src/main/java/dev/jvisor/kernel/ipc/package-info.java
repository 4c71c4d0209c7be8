// SPDX-License-Identifier: Apache-2.0
/**
 * Interprocess communication of System V and POSIX message queues (Linux: ipc/).
 *
 * <p>{@link dev.jvisor.kernel.ipc.IpcNamespace} has a table for each kind of object; an object is
 * found by key or by id, whose lower bits are its place in the table.
 *
 * <p>Locks: the monitor of a table guards the table and all its objects. It is a leaf: under it
 * neither memory of a guest nor another lock is touched, but for pages that are given back, and
 * tasks are woken.
 */
@NullMarked
package dev.jvisor.kernel.ipc;

import org.jspecify.annotations.NullMarked;
