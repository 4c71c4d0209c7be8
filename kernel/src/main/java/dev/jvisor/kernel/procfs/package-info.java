// SPDX-License-Identifier: Apache-2.0
/**
 * /proc: what the kernel says about processes and itself, as text (Linux: fs/proc).
 *
 * <p>{@link dev.jvisor.kernel.procfs.ProcRoot} leads to
 * {@link dev.jvisor.kernel.procfs.ProcessDirectory} by number and to
 * {@link dev.jvisor.kernel.procfs.SystemFile} by name; {@link dev.jvisor.kernel.procfs.SysctlTree}
 * is {@code sys}. A process directory knows its process by its {@code Pid}, so what is left of it
 * after the process was reaped answers ESRCH, whoever has the number then. {@code ProcessAccess}
 * decides who may look.
 *
 * <p>Locks: text is made without any lock of procfs; the task tree lock is taken for moments, never
 * while a file, a file system or guest memory is touched.
 */
@NullMarked
package dev.jvisor.kernel.procfs;

import org.jspecify.annotations.NullMarked;
