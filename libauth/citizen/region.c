/* SPDX-License-Identifier: Apache-2.0 */
/* Provinces and county codes of GB/T 2260. */
#include "citizen/type.h"

typedef struct province {
    const char *en;
    const char *zh;
} province;

/* By the first two digits. 71 (Taiwan) is in GB/T 2260 and issues no numbers; 83 is not, and does.
 */
static const province provinces[100] = {
    [11] = {"Beijing", "北京市"},
    [12] = {"Tianjin", "天津市"},
    [13] = {"Hebei", "河北省"},
    [14] = {"Shanxi", "山西省"},
    [15] = {"Inner Mongolia", "内蒙古自治区"},
    [21] = {"Liaoning", "辽宁省"},
    [22] = {"Jilin", "吉林省"},
    [23] = {"Heilongjiang", "黑龙江省"},
    [31] = {"Shanghai", "上海市"},
    [32] = {"Jiangsu", "江苏省"},
    [33] = {"Zhejiang", "浙江省"},
    [34] = {"Anhui", "安徽省"},
    [35] = {"Fujian", "福建省"},
    [36] = {"Jiangxi", "江西省"},
    [37] = {"Shandong", "山东省"},
    [41] = {"Henan", "河南省"},
    [42] = {"Hubei", "湖北省"},
    [43] = {"Hunan", "湖南省"},
    [44] = {"Guangdong", "广东省"},
    [45] = {"Guangxi", "广西壮族自治区"},
    [46] = {"Hainan", "海南省"},
    [50] = {"Chongqing", "重庆市"},
    [51] = {"Sichuan", "四川省"},
    [52] = {"Guizhou", "贵州省"},
    [53] = {"Yunnan", "云南省"},
    [54] = {"Tibet", "西藏自治区"},
    [61] = {"Shaanxi", "陕西省"},
    [62] = {"Gansu", "甘肃省"},
    [63] = {"Qinghai", "青海省"},
    [64] = {"Ningxia", "宁夏回族自治区"},
    [65] = {"Xinjiang", "新疆维吾尔自治区"},
    [81] = {"Hong Kong", "香港特别行政区"},
    [82] = {"Macao", "澳门特别行政区"},
    [83] = {"Taiwan", "台湾省"},
};

bool person_has_province(unsigned code) { return code < 100 && provinces[code].en != NULL; }

bool person_check_province(unsigned code, uint32_t region, size_t position, auth_person *out)
{
    bool is_permit_only = code >= 81;
    if (!person_has_province(code) || (is_permit_only && out->type != AUTH_PERSON_TYPE_PERMIT)) {
        person_refuse(out, AUTH_PERSON_REASON_PROVINCE, position);
        return false;
    }
    out->region = region;
    out->province_en = provinces[code].en;
    out->province_zh = provinces[code].zh;
    return true;
}

typedef struct county_list {
    const uint16_t *codes; /* rising */
    size_t count;
} county_list;

static county_list counties_of(uint32_t province_code)
{
    switch (province_code) {
#define COUNTIES(code, ...)                                                                        \
    case (code): {                                                                                 \
        static const uint16_t codes[] = {__VA_ARGS__};                                             \
        return (county_list){codes, sizeof codes / sizeof codes[0]};                               \
    }
#include "citizen/counties.def"
    default:
        return (county_list){NULL, 0};
    }
}

bool person_region_is_listed(uint32_t region)
{
    county_list list = counties_of(region / 10000);
    uint16_t wanted = (uint16_t)(region % 10000);
    size_t low = 0;
    size_t high = list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list.codes[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list.count && list.codes[low] == wanted;
}
