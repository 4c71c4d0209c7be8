# A repository from init to garbage collection, a branch, a merge, a clone, a stash.
set -e
export GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@example.org GIT_COMMITTER_NAME=n
export GIT_COMMITTER_EMAIL=n@example.org GIT_AUTHOR_DATE='2020-01-01 00:00:00 +0000'
export GIT_COMMITTER_DATE="$GIT_AUTHOR_DATE"
cd /tmp
git init -q -b main repository
cd repository
for i in 1 2 3 4 5; do
    seq "$i" 200 >"file$i"
    mkdir -p "directory$i"
    cp "file$i" "directory$i/copy"
    git add .
    git commit -q -m "commit $i"
done
git checkout -q -b side HEAD~2
echo changed >>file1
git commit -q -a -m side
git checkout -q main
git merge -q --no-edit side
git log --graph --oneline
echo more >>file2
git status --short
git diff | cat
git stash -q
git stash list
git gc -q
git count-objects -v | grep -v size
git fsck --full
git clone -q . ../clone
git -C ../clone log --format='%H %s' | head -n 3
git -C ../clone ls-files | wc -l
git -C ../clone blame -s file1 | tail -n 2
git archive HEAD | tar t | sort | head -n 4
