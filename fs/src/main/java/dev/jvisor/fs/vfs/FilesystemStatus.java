// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

/** What statfs(2) reports. */
public final class FilesystemStatus {
    public long type;
    public long blockSize;
    public long blocks;
    public long blocksFree;
    public long blocksAvailable;
    public long files;
    public long filesFree;
    public long id;
    public long nameLength = 255;
    public long fragmentSize;
    public long flags;
}
