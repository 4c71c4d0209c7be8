// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.identity;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/**
 * What execve(2) makes of credentials (Linux: cap_bprm_creds_from_file).
 *
 * @param credentials the new ones
 * @param secure AT_SECURE: the program runs with more than its caller had
 */
public record ExecCredentials(Credentials credentials, boolean secure) {

    /**
     * Computes the change.
     *
     * @param mode type and permission bits of the program's file
     * @param fileUid its owner
     * @param fileGid its group
     * @param noSetId whether its mount ignores set-id bits (MS_NOSUID)
     */
    public static ExecCredentials compute(
            Credentials old, int mode, int fileUid, int fileGid, boolean noSetId) {
        return compute(old, mode, fileUid, fileGid, noSetId, null);
    }

    /**
     * As above for a file that may have capabilities of its own.
     *
     * @param capabilities null for a file without any, and where set-id bits are ignored
     */
    public static ExecCredentials compute(
            Credentials old,
            int mode,
            int fileUid,
            int fileGid,
            boolean noSetId,
            @Nullable FileCapabilities capabilities) {
        CredentialsBuilder b = new CredentialsBuilder(old);
        if (!noSetId && !old.noNewPrivileges()) {
            if ((mode & StatMode.S_ISUID) != 0) {
                b.euid = fileUid;
            }
            // Without group execution the bit marks mandatory locking.
            int setGid = StatMode.S_ISGID | StatMode.S_IXGRP;
            if ((mode & setGid) == setGid) {
                b.egid = fileGid;
            }
        }
        boolean setId = b.euid != old.uid() || b.egid != old.gid();
        b.permitted = capabilities == null ? 0 : capabilities.grantedTo(old);
        boolean raise = capabilities != null && capabilities.effective();
        int root = old.userNamespace().kernelUid(0);
        // A program of root's that has capabilities gives an ordinary user no more than those.
        boolean onlyFiles = capabilities != null && b.euid == root && b.uid != root;
        if ((old.secureBits() & SecureBits.SECBIT_NOROOT) == 0 && !onlyFiles) {
            if (b.euid == root || b.uid == root) {
                b.permitted = old.bounding() | old.inheritable();
            }
            raise |= b.euid == root;
        }
        if (old.noNewPrivileges()) {
            b.permitted &= old.permitted();
        }
        b.suid = b.euid;
        b.fsuid = b.euid;
        b.sgid = b.egid;
        b.fsgid = b.egid;
        if (setId || capabilities != null) {
            b.ambient = 0;
        }
        b.permitted |= b.ambient;
        b.effective = raise ? b.permitted : b.ambient;
        b.secureBits &= ~SecureBits.SECBIT_KEEP_CAPS;
        boolean secure = setId
                || b.uid != old.userNamespace().kernelUid(0)
                        && (raise || (b.permitted & ~b.ambient) != 0);
        return new ExecCredentials(b.build(), secure);
    }
}
