// SPDX-License-Identifier: Apache-2.0
/**
 * A writable layer in memory over a file system that is only read (Linux: fs/overlayfs).
 *
 * <p>The upper layer is a tmpfs that only this package sees. An
 * {@link dev.jvisor.fs.overlay.OverlayInode} has a lower inode, an upper one, or both. What is not
 * changed costs one look at a field: a lookup, stat, open or getdents of a directory without an
 * upper part goes straight to the lower file system.
 *
 * <ul>
 *   <li>Copy-up makes the upper inode: of attributes when they change or the name moves, of data
 *       when the file is opened for writing (Linux: metacopy). The inode number stays, and so do
 *       the hard links of a lower file (Linux: {@code index=on}).
 *   <li>The overlay inode of an upper inode hangs on it ({@code Inode.special}), so it lives as
 *       long as the upper file does, and with it what Linux keeps in whiteouts and extended
 *       attributes: which lower names are hidden, and which lower directory lies below (so a moved
 *       directory needs no redirect).
 *   <li>A description opened for reading before a copy-up reads the new data after it. A mapping
 *       does not follow, as in Linux.
 * </ul>
 *
 * <p>Locks: the monitor of an inode is taken for its copy-up, and within it those of the
 * directories above, upwards. A directory's monitor guards its hidden names and whether children
 * are still named in it. Lower and upper file systems are called under them.
 */
@NullMarked
package dev.jvisor.fs.overlay;

import org.jspecify.annotations.NullMarked;
