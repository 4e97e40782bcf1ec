"""8xx: what the bureau's reviewers filled in, and what has become of it."""

from __future__ import annotations

from perfxl.catalogue.entry import DESIGN, ERROR, REVIEW, WARNING, Entry

REVIEWS: tuple[Entry, ...] = (
    Entry("review-invalid", 801, ERROR, "复核填写有误", REVIEW),
    Entry("review-unread", 812, ERROR, "复核表没有读入", DESIGN),
    Entry("review-conflict", 802, ERROR, "复核冲突", DESIGN),
    Entry("review-stale", 803, WARNING, "复核后有改动", DESIGN),
    Entry("review-lost", 804, WARNING, "复核未归位", DESIGN),
    Entry("review-above-claim", 805, WARNING, "复核高于自评", REVIEW),
    Entry("review-clause-unknown", 806, WARNING, "条款不在表内", REVIEW),
    Entry("review-share-differs", 807, WARNING, "扣减比例不符", REVIEW),
    Entry("review-shares-differ", 808, WARNING, "同错不同扣", REVIEW),
    Entry("review-older", 809, WARNING, "旧复核未采用", DESIGN),
    Entry("review-word-unknown", 810, WARNING, "复核用词不认识", DESIGN),
    Entry("review-without-score", 811, WARNING, "复核没有得分", DESIGN),
)
