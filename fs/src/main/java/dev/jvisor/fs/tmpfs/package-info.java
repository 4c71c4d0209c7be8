// SPDX-License-Identifier: Apache-2.0
/**
 * A file system in memory (Linux: mm/shmem.c): file data are pages of the memory file, everything
 * else is in the heap. Also the writable layer of {@code fs.overlay}, {@code /dev}, and memfd.
 *
 * <p>Locks, outermost first: {@code FileData.writeLock} (a write, truncate or fallocate; held over
 * copies from the guest), {@code TmpfsInode} monitor (attributes), {@code FileData} monitor (page
 * tree and mappings; a leaf, the one a page fault takes).
 */
@NullMarked
package dev.jvisor.fs.tmpfs;

import org.jspecify.annotations.NullMarked;
