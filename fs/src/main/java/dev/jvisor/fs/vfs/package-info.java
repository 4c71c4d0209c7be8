// SPDX-License-Identifier: Apache-2.0
/**
 * The virtual file system: mounts, dentries, path walk, open file descriptions, permissions.
 *
 * <p>{@link dev.jvisor.fs.vfs.Vfs} is the door for system calls. Behind it, one class for each
 * family: {@code PathWalk} (Linux: {@code struct nameidata}), {@code OpenOperations},
 * {@code ModifyOperations}, {@code RenameOperation}, {@code AttributeOperations},
 * {@code MountOperations}. A file system extends {@link dev.jvisor.fs.vfs.Filesystem},
 * {@link dev.jvisor.fs.vfs.Inode} and {@link dev.jvisor.fs.vfs.FileDescription}; it never sees
 * dentries or mounts, and no check of permissions or types is its work.
 *
 * <p>Names are cached in {@code DentryTable}s, positive and negative. There are no reference
 * counts: a dentry that the bounded cache drops is known by a weak reference as long as a working
 * directory, an open file or a mount holds it, and the collector tells when the last one let go
 * ({@code Inode.evict}).
 *
 * <p>Lock order, outermost first; the file system below may take its own at the lines marked (*):
 *
 * <pre>
 * FileDescription.positionLock (*)          f_pos_lock
 * Filesystem.renameLock                     s_vfs_rename_mutex
 *   Dentry monitor of a directory (*)       i_rwsem: ancestor first, then descendant
 *     MountNamespace.LOCK                   namespace_sem, mount_lock
 *       FsContext monitor                   fs_struct.lock
 *     RenameOperation.SEQUENCE_LOCK         rename_lock
 *       DentryTable monitor                 d_lock
 *         DentryCache monitor               s_dentry_lru
 *     Inode.stateLock, FileLocks monitor
 *       WaitQueue monitor                   epoll: source queue, ready list, own queue
 * </pre>
 *
 * <p>A lookup takes no lock over the file system's answer: it notes the table's sequence before and
 * asks again if the directory changed. Guest memory is only touched under {@code positionLock} and
 * locks of the file systems; so those come before the memory manager's, whose faults take none of
 * these.
 */
@NullMarked
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.NullMarked;
